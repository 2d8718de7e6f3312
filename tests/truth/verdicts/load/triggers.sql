\set id random(101, 300)
\set staff random(101, 130)
\set delta random(1, 9)
BEGIN;
UPDATE users SET score = score + :delta WHERE id = :id;
INSERT INTO shifts (staff_id, hours) VALUES (:staff, :delta) RETURNING id AS made \gset
SELECT who, what FROM audit WHERE who = :made AND what = 'shift';
COMMIT;
SELECT n FROM changes WHERE who = :id;
