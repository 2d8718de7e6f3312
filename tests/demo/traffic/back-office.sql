-- What a person types into psql.
\set ON_ERROR_STOP off
SELECT active, count(*) FROM users GROUP BY active ORDER BY active;
SELECT u.email, sum(o.total) AS spent FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.id ORDER BY spent DESC, u.email LIMIT 10;
WITH idle AS (SELECT id FROM users WHERE NOT active)
SELECT count(*) FROM idle WHERE id NOT IN (SELECT user_id FROM orders);
PREPARE by_mail (text) AS SELECT id, email FROM users WHERE email = $1;
EXECUTE by_mail('user7@example.org');
DEALLOCATE by_mail;
BEGIN;
SAVEPOINT before;
INSERT INTO users (email, name) VALUES ('user7@example.org', 'Twice');
ROLLBACK TO before;
UPDATE users SET email = 'seven@example.org' WHERE id = 7 RETURNING id, email;
COMMIT;
DELETE FROM users WHERE id = 2000 AND NOT EXISTS (SELECT FROM orders WHERE user_id = 2000);
