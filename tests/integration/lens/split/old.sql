CREATE TABLE users (
	id serial PRIMARY KEY,
	email varchar(60) NOT NULL UNIQUE,
	score integer DEFAULT 7,
	theme text NOT NULL DEFAULT 'light',
	mails boolean NOT NULL DEFAULT true,
	bio text,
	website text
);
CREATE TABLE orders (
	id integer PRIMARY KEY,
	user_id integer REFERENCES users (id),
	item text
);
INSERT INTO users (email, score, theme, mails, bio, website) VALUES
	('ann@x', 3, 'light', true, 'likes SQL', NULL),
	('bob@x', NULL, 'dark', false, NULL, NULL),
	('cyd@x', 9, 'dark', true, NULL, 'http://cyd'),
	('dan@x', 3, 'light', false, 'none', 'http://dan');
INSERT INTO orders VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 3, 'c'), (4, NULL, 'd');
