CREATE TABLE pets (
	kind text NOT NULL CHECK (kind IN ('cat', 'dog')),
	id integer NOT NULL,
	name text NOT NULL,
	lives integer DEFAULT 9,
	tricks text,
	PRIMARY KEY (kind, id)
);
INSERT INTO pets SELECT 'cat', id, name, lives FROM cats;
INSERT INTO pets SELECT 'dog', id, name, NULL, tricks FROM dogs;
DROP TABLE cats, dogs;
