CREATE SCHEMA counters;
ALTER SEQUENCE ticket_seq RENAME TO tickets;
ALTER SEQUENCE tickets SET SCHEMA counters;
ALTER SEQUENCE users_id_seq RENAME TO user_numbers;
ALTER TYPE order_state RENAME TO order_phase;
ALTER FUNCTION loyalty(integer) RENAME TO bonus;
