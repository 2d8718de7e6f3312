\set id random(101, 106)
\set n random(1, 3)
\set delta random(-50, 50)
BEGIN;
UPDATE users SET score = score + :delta WHERE id = :id;
SELECT id, score, level FROM users WHERE id = :id;
UPDATE articles SET height = height + :delta, label = 'by ' || :delta WHERE sku = 'P-' || :n;
SELECT sku, label, price, width, height, color FROM articles WHERE sku = 'P-' || :n;
COMMIT;
SELECT id, name, email FROM users WHERE id = :id;
