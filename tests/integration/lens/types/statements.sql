SELECT * FROM items;
SELECT mood, moods FROM items ORDER BY mood, id;
SELECT id FROM items WHERE mood = 'good'::mood;
SELECT id FROM items WHERE mood = ANY ('{good}'::mood[]);
SELECT id, moods[1], array_append(moods, 'bad'::mood) FROM items;
SELECT array_agg(mood ORDER BY id) FROM items;
SELECT enum_range(NULL::mood);
-- $1=good
SELECT id FROM items WHERE mood = $1;
SELECT id, kind FROM items WHERE kind = 'new';
SELECT legacy IS NULL, id FROM items;
-- untranslatable: give its new type under `types`
SELECT id FROM items WHERE kind = 'new'::kind;
-- untranslatable: give its new type under `types`
SELECT 5::amount FROM items;
INSERT INTO items VALUES (4, 'bad', ARRAY['good']::mood[], 'new', 5) RETURNING *;
INSERT INTO items (id, mood, kind, amount) VALUES (5, 'good', 'old', 6), (6, NULL, 'new', 7) RETURNING mood, kind, amount;
-- $1=7 $2=bad $3=old $4=8
INSERT INTO items (id, mood, kind, amount) VALUES ($1, $2, $3, $4) RETURNING mood, kind, amount;
INSERT INTO items (id, kind, amount) SELECT id + 10, kind, amount FROM items WHERE id < 3 RETURNING id, kind, amount;
UPDATE items SET kind = 'old', amount = amount + 1, mood = 'good' WHERE id = 1 RETURNING *;
UPDATE items SET legacy = NULL WHERE id = 1 RETURNING id;
SELECT * FROM items;
SELECT row_to_json(i) FROM items AS i (a, b) WHERE a = 2;
SELECT to_jsonb(i) - 'id' FROM items AS i (key) ORDER BY key;
