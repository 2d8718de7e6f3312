CREATE TYPE order_state AS ENUM ('new', 'paid', 'gone');
CREATE TABLE users (
	id serial PRIMARY KEY,
	email varchar(60) NOT NULL UNIQUE,
	name text,
	active boolean NOT NULL DEFAULT true,
	legacy_flags integer,
	score integer DEFAULT 7,
	created_at timestamptz DEFAULT now()
);
CREATE TABLE products (
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	title text NOT NULL,
	price numeric(10,2) NOT NULL DEFAULT 1.50,
	kind varchar(10) DEFAULT 'other'
);
CREATE TABLE orders (
	id bigserial PRIMARY KEY,
	user_id integer REFERENCES users (id),
	product_id integer REFERENCES products (id),
	quantity integer NOT NULL DEFAULT 1,
	state order_state NOT NULL DEFAULT 'new',
	note text
);
CREATE TABLE tags (
	id integer PRIMARY KEY,
	label text
);
CREATE VIEW busy AS SELECT id, label FROM tags WHERE id > 1;
INSERT INTO users (email, name, active, score) VALUES
	('ann@x', 'Ann Lee', true, 3), ('bob@x', 'Bob Ray Moe', false, NULL),
	('cyd@x', 'Cyd Poe', true, 9), ('dan@x', 'Dan Fox', false, 3);
INSERT INTO products (title, price, kind) VALUES
	('Novel', 12.50, 'book'), ('Apple', 0.35, 'food'),
	('Lamp', 40.00, 'other'), ('Poems', 9.99, 'book');
INSERT INTO orders (user_id, product_id, quantity, state, note) VALUES
	(1, 1, 1, 'new', 'first'), (1, 2, 10, 'paid', NULL),
	(2, 3, 1, 'gone', 'x'), (3, 1, 2, 'paid', 'y'), (NULL, 4, 1, 'new', NULL);
INSERT INTO tags VALUES (1, 'red'), (2, 'blue'), (3, 'green');
