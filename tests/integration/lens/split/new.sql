CREATE TABLE accounts (
	id serial PRIMARY KEY,
	email_address varchar(60) NOT NULL UNIQUE,
	score integer DEFAULT 7
);
CREATE TABLE settings (
	account_id integer PRIMARY KEY REFERENCES accounts (id),
	theme text NOT NULL DEFAULT 'light',
	mail_state text NOT NULL,
	locale text NOT NULL
);
CREATE TABLE profiles (
	account integer PRIMARY KEY REFERENCES accounts (id),
	bio text,
	url text
);
CREATE TABLE orders (
	id integer PRIMARY KEY,
	user_id integer REFERENCES accounts (id),
	item text
);
INSERT INTO accounts (email_address, score) VALUES
	('ann@x', 3), ('bob@x', NULL), ('cyd@x', 9), ('dan@x', 3);
INSERT INTO settings VALUES (1, 'light', 'on', 'en'), (2, 'dark', 'off', 'en'),
	(3, 'dark', 'on', 'en'), (4, 'light', 'off', 'en');
INSERT INTO profiles VALUES (1, 'likes SQL', NULL), (3, NULL, 'http://cyd'),
	(4, 'none', 'http://dan');
INSERT INTO orders VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 3, 'c'), (4, NULL, 'd');
