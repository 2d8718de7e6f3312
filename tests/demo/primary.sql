-- The shop as the application knows it.
CREATE TABLE users (
    id serial PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    legacy_flags integer,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE products (
    id integer PRIMARY KEY,
    title text NOT NULL,
    price numeric(10,2) NOT NULL,
    stock integer NOT NULL CHECK (stock >= 0)
);
CREATE TABLE orders (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id integer NOT NULL REFERENCES users,
    status text NOT NULL DEFAULT 'open',
    total numeric(12,2) NOT NULL DEFAULT 0,
    placed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON orders (user_id);
CREATE TABLE order_items (
    order_id integer NOT NULL REFERENCES orders,
    product_id integer NOT NULL REFERENCES products,
    quantity integer NOT NULL,
    unit_price numeric(10,2) NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
INSERT INTO users (email, name, active, legacy_flags)
SELECT 'user' || i || '@example.org',
       (ARRAY['Ada', 'Grace', 'Edsger', 'Barbara', 'Tony'])[1 + i % 5] || ' ' ||
       (ARRAY['Lovelace', 'Hopper', 'Dijkstra', 'Liskov', 'Hoare'])[1 + i / 5 % 5],
       i % 7 <> 0, NULL
FROM generate_series(1, 2000) AS i;
INSERT INTO products
SELECT i, 'Product ' || i, (i * 37 % 9900 + 99) / 100.0, 1000000
FROM generate_series(1, 500) AS i;
