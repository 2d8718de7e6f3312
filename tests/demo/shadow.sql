-- The same shop after the migration: users became accounts, a name became two
-- columns, a boolean became a status, prices are in cents, flags are gone.
CREATE TABLE accounts (
    id serial PRIMARY KEY,
    tenant_id integer NOT NULL,
    email_address text NOT NULL UNIQUE,
    first_name text NOT NULL,
    last_name text NOT NULL,
    status text NOT NULL CHECK (status IN ('enabled', 'disabled')),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE products (
    id integer PRIMARY KEY,
    title text NOT NULL,
    price_cents integer NOT NULL,
    stock integer NOT NULL CHECK (stock >= 0)
);
CREATE TABLE orders (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id integer NOT NULL REFERENCES accounts,
    status text NOT NULL DEFAULT 'open',
    total numeric(12,2) NOT NULL DEFAULT 0,
    placed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON orders (account_id);
CREATE TABLE order_items (
    order_id integer NOT NULL REFERENCES orders,
    product_id integer NOT NULL REFERENCES products,
    quantity integer NOT NULL,
    unit_price numeric(10,2) NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
