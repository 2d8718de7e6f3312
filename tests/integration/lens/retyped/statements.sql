SELECT * FROM item ORDER BY code;
SELECT code FROM item WHERE level = 3;
-- $1=3
SELECT code FROM item WHERE level = $1;
SELECT code FROM item WHERE level > 1;
SELECT level, level + 1, level * 2.0 FROM item ORDER BY level;
SELECT sum(level), max(level) FROM item;
SELECT code FROM item WHERE mood IS NULL;
SELECT code FROM item WHERE mood = 'good';
SELECT code FROM item WHERE mood <> 'bad';
SELECT code, coalesce(mood, '?') FROM item ORDER BY code;
-- $1=good
SELECT code FROM item WHERE mood = $1;
SELECT first, last FROM item ORDER BY last DESC;
SELECT code FROM item WHERE first = 'Al' AND last = 'Bo';
SELECT "day", day + 1 FROM item ORDER BY day;
SELECT old_flag FROM item ORDER BY old_flag, code;
SELECT old_flag, count(*) FROM item GROUP BY old_flag;
SELECT twice(length(tag)), twice(code::integer) FROM item ORDER BY code;
SELECT nextval('ticket');
SELECT currval('ticket'), nextval('public.ticket'), nextval('"ticket"'::regclass);
INSERT INTO item (code, amount, weight, tag) VALUES (3, 1.6, 12.345, 'ccc') RETURNING *;
INSERT INTO item (code, amount, weight, tag) VALUES ('4', '7', '8.25', 5) RETURNING code, amount, weight, tag, level, mood, paint;
INSERT INTO item (code, level, mood, first, last) VALUES (5, 2, 'bad', 'Ed', 'Fo') RETURNING level, mood, first, last, tic;
INSERT INTO item (code, level, mood, first, last) VALUES (6, 1 + 1, lower('GOOD'), upper('gi'), upper('ho')) RETURNING level, mood, first, last, tic;
-- $1=7 $2=3 $4=Iv $5=Jo
INSERT INTO item (code, level, mood, first, last) VALUES ($1, $2, $3, $4, $5) RETURNING level, mood, first, last, tic;
INSERT INTO item (code, level, mood, first, last) SELECT code + 10, level, mood, first, last FROM item WHERE code < 3 RETURNING code, level, mood, first, last;
INSERT INTO item (code, amount) VALUES (8, 99999999999);
INSERT INTO item (code, weight) VALUES (8, 123456.7);
INSERT INTO item (code, paint) VALUES (8, 'green'), (9, DEFAULT) RETURNING code, paint;
INSERT INTO item (code, tag) VALUES (1, 'dup') ON CONFLICT (code) DO UPDATE SET tag = excluded.tag, level = 2, first = 'Up', amount = item.amount + 1.4 RETURNING code, tag, level, first, last, amount;
UPDATE item SET first = 'New' WHERE code = 2 RETURNING first, last;
UPDATE item SET first = 'A', last = 'B' WHERE code = 2 RETURNING first, last;
UPDATE item SET first = last, last = first WHERE code = 2 RETURNING first, last;
UPDATE item SET (first, last) = (SELECT 'P', 'Q') WHERE code = 2 RETURNING first, last;
UPDATE item SET last = (SELECT 'R') WHERE code = 2 RETURNING first, last;
UPDATE item SET mood = NULL, level = level + 1 WHERE code = 5 RETURNING mood, level;
UPDATE item SET mood = CASE WHEN mood IS NULL THEN 'good' END RETURNING code, mood;
UPDATE item SET amount = amount * 2 WHERE amount IS NOT NULL RETURNING amount;
UPDATE item SET weight = weight / 3 WHERE code = 1 RETURNING round(weight::numeric, 1);
UPDATE item SET level = DEFAULT, paint = DEFAULT WHERE code = 2 RETURNING level, paint;
UPDATE item SET tic = nextval('ticket') WHERE code = 1;
-- untranslatable: not among the columns
COPY item (code, first) FROM STDIN WHERE level = 1;
COPY item (code, level, mood, first) TO STDOUT;
DELETE FROM item WHERE mood IS NULL RETURNING code;
SELECT code, level, mood, amount, tag, paint, first, last, day, old_flag FROM item;
