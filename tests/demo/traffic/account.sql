\set client :client_id
\set number random(1, 1000000000)
\set user random(1, 2000)
BEGIN;
INSERT INTO users (email, name) VALUES ('new' || :client || '-' || :number || '@example.org', 'Alan Turing') RETURNING id AS new_user \gset
SELECT u.id, u.name, u.active FROM users u WHERE u.id = :new_user;
COMMIT;
UPDATE users SET active = NOT active WHERE id = :user;
SELECT email, active FROM users WHERE id = :user AND active = true;
