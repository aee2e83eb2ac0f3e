DROP TABLE activity;
DROP TABLE watches;
DROP TABLE blocks;
DROP TABLE friend_requests;
DROP TABLE friendships;
DROP TABLE choices;
