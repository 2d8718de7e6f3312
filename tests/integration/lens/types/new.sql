CREATE TYPE feeling AS ENUM ('bad', 'good');
CREATE TABLE things (
	id integer PRIMARY KEY,
	mood feeling,
	moods feeling[],
	label text,
	amount integer
);
INSERT INTO things VALUES (1, 'good', '{good,bad}', 'new', 3),
	(2, NULL, '{}', 'old', 4), (3, 'bad', NULL, NULL, NULL);
