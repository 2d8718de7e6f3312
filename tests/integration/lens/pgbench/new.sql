CREATE SCHEMA bank;
CREATE TABLE bank.branches (branch_id bigint PRIMARY KEY, balance bigint, padding char(88));
CREATE TABLE bank.tellers (teller_id bigint PRIMARY KEY, branch_id bigint, balance bigint, padding char(84));
CREATE TABLE bank.accounts (account_id bigint PRIMARY KEY, branch_id bigint, balance bigint, padding char(84));
CREATE TABLE bank.history (teller_id bigint, branch_id bigint, account_id bigint, delta bigint, at timestamp, padding char(22));
INSERT INTO bank.branches SELECT n, 0 FROM generate_series(1, 2) n;
INSERT INTO bank.tellers SELECT n, n % 2 + 1, 0 FROM generate_series(1, 20) n;
INSERT INTO bank.accounts SELECT n, n % 2 + 1, 0, '' FROM generate_series(1, 5000) n;
ANALYZE;
