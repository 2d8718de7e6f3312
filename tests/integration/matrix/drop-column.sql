ALTER TABLE users DROP flags;
ALTER TABLE articles DROP legacy;
