CREATE TYPE mood AS ENUM ('bad', 'good');
CREATE TYPE kind AS ENUM ('new', 'old');
CREATE TYPE relic AS ENUM ('x', 'y');
CREATE DOMAIN amount AS integer CHECK (VALUE > 0);
CREATE TABLE items (
	id integer PRIMARY KEY,
	mood mood,
	moods mood[],
	kind kind,
	amount amount,
	legacy relic
);
INSERT INTO items VALUES (1, 'good', '{good,bad}', 'new', 3, NULL),
	(2, NULL, '{}', 'old', 4, NULL), (3, 'bad', NULL, NULL, NULL, NULL);
