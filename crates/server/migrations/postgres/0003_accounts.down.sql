DROP TABLE revocations;
DROP TABLE sign_ins;
DROP TABLE passwords;
DROP TABLE names;
ALTER TABLE users DROP COLUMN disabled_at;
