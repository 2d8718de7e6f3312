ALTER TYPE mood RENAME TO feeling;
ALTER TYPE mood RENAME TO feeling;
ALTER SEQUENCE users_id_seq RENAME TO a;
ALTER SEQUENCE users_id_seq RENAME TO b;
