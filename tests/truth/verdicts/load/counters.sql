\set id random(101, 120)
\set key random(101, 112)
\set pet random(500, 520)
UPDATE users SET score = score + 1 WHERE id = :id RETURNING id, score;
INSERT INTO cats (id, name, lives) VALUES (:pet, 'counted', 1) ON CONFLICT (id) DO UPDATE SET lives = cats.lives + 1 RETURNING id, lives;
BEGIN;
UPDATE shifts SET hours = hours + 1 WHERE id = :key - 100 RETURNING hours;
UPDATE orders SET qty = (qty + 1) % 1000 WHERE id = :key RETURNING id, qty, note;
COMMIT;
