ALTER TABLE orders DROP CONSTRAINT orders_sku_fkey;
ALTER TABLE articles DROP CONSTRAINT articles_pkey;
ALTER TABLE articles ADD id serial PRIMARY KEY, ADD UNIQUE (sku);
ALTER TABLE orders ADD article_id integer REFERENCES articles (id);
UPDATE orders SET article_id = a.id FROM articles a WHERE a.sku = orders.sku;
ALTER TABLE orders DROP sku;
