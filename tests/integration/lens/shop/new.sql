CREATE SCHEMA catalogue;
CREATE TYPE order_phase AS ENUM ('open', 'settled', 'shipped');
CREATE TABLE accounts (
	tenant_id integer NOT NULL,
	id bigserial PRIMARY KEY,
	first_name text,
	last_name text,
	email_address varchar(60) NOT NULL UNIQUE,
	status text NOT NULL DEFAULT 'enabled',
	score integer DEFAULT 0,
	created_at timestamptz DEFAULT now(),
	label text
);
CREATE TABLE catalogue.items (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	label text NOT NULL,
	price_cents bigint NOT NULL,
	kind_code char(1) DEFAULT 'O'
);
CREATE TABLE orders (
	id bigserial PRIMARY KEY,
	account_id bigint REFERENCES accounts (id),
	product_id bigint REFERENCES catalogue.items (id),
	quantity integer NOT NULL DEFAULT 1,
	state order_phase NOT NULL DEFAULT 'open',
	note text,
	email text
);
CREATE TABLE tags (
	id integer PRIMARY KEY,
	label text
);
CREATE VIEW busy AS SELECT id, label FROM tags WHERE id > 1;
INSERT INTO accounts (tenant_id, email_address, first_name, last_name, status, score) VALUES
	(1, 'ann@x', 'Ann', 'Lee', 'enabled', 3), (1, 'bob@x', 'Bob', 'Ray Moe', 'disabled', NULL),
	(1, 'cyd@x', 'Cyd', 'Poe', 'enabled', 9), (1, 'dan@x', 'Dan', 'Fox', 'disabled', 3);
INSERT INTO catalogue.items (label, price_cents, kind_code) VALUES
	('Novel', 1250, 'B'), ('Apple', 35, 'F'), ('Lamp', 4000, 'O'), ('Poems', 999, 'B');
INSERT INTO orders (account_id, product_id, quantity, state, note) VALUES
	(1, 1, 1, 'open', 'first'), (1, 2, 10, 'settled', NULL),
	(2, 3, 1, 'shipped', 'x'), (3, 1, 2, 'settled', 'y'), (NULL, 4, 1, 'open', NULL);
INSERT INTO tags VALUES (1, 'red'), (2, 'blue'), (3, 'green');
