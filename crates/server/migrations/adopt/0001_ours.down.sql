DROP TABLE added_columns;
DROP TABLE attachment;
DROP TABLE friend_requests;
DROP TABLE activity;
DROP TABLE watches;
DROP TABLE choices;
DROP TABLE revocations;
DROP TABLE sign_ins;
