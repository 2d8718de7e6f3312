\set id random(101, 130)
\set n random(1, 10)
\set delta random(1, 9)
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT score AS had FROM users WHERE id = :id \gset
SELECT width FROM articles WHERE sku = 'P-' || :n;
UPDATE users SET score = :had::integer + :delta WHERE id = :id;
UPDATE articles SET width = width + :delta WHERE sku = 'P-' || :n;
SELECT score, country FROM users WHERE id = :id;
COMMIT;
