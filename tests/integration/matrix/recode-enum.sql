ALTER TYPE order_state RENAME TO old_state;
CREATE TYPE order_state AS ENUM ('void', 'booked', 'draft', 'sent');
ALTER TABLE orders RENAME state TO status;
ALTER TABLE orders
	ALTER status DROP DEFAULT,
	ALTER status TYPE order_state USING (CASE status WHEN 'new' THEN 'draft'
		WHEN 'paid' THEN 'booked' WHEN 'shipped' THEN 'sent'
		ELSE 'void' END)::order_state,
	ALTER status SET DEFAULT 'draft';
DROP TYPE old_state;
