\set from random(101, 280)
\set n random(1, 40)
CREATE TEMPORARY TABLE IF NOT EXISTS mine (id integer, name text, n integer);
BEGIN;
INSERT INTO mine SELECT id, name, :n FROM users WHERE id BETWEEN :from AND :from + 9;
UPDATE mine SET n = n + 1 WHERE id % 2 = 0;
SELECT id, name, n FROM mine ORDER BY id;
DECLARE shown CURSOR FOR SELECT o.id, o.qty, u.name FROM orders o JOIN users u ON u.id = o.user_id WHERE u.id BETWEEN :from AND :from + 9 ORDER BY o.id;
FETCH 3 FROM shown;
MOVE 1 FROM shown;
FETCH 2 FROM shown;
CLOSE shown;
UPDATE orders SET note = 'cursor' WHERE id IN (SELECT mine.id - 100 FROM mine WHERE mine.n = :n + 1);
DELETE FROM mine;
COMMIT;
