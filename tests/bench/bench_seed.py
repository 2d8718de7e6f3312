#!/usr/bin/python3
"""Loading a shadow beside pg_dump | psql: one table, the same servers, one round.

Every figure is a ratio of two runs of the same round (the rate of the seed to the
rate of the dump, higher is better); the median of the rounds is reported with its
spread. The seed's time is the whole command's: start, checks, load, sequences,
foreign keys. Both make the primary key: the dump behind the rows, the seed while
they come.
"""

import argparse
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "integration"))

from harness import Cluster, Parallax, Workplace  # noqa: E402

TABLE = """
CREATE TABLE %s (%s bigint PRIMARY KEY, %s text, name text, active boolean,
  price numeric(10,2), score double precision, at timestamptz, day date,
  tag uuid, note varchar(60))
"""
OLD = TABLE % ("items", "id", "email")
RENAMED = TABLE % ("things", "thing_id", "email_address")
COMPUTED = """
CREATE TABLE things (thing_id bigint PRIMARY KEY, email_address text,
  first_name text, last_name text, status text, price_cents bigint,
  score double precision, at timestamptz, day date, tag uuid, note text,
  tenant int NOT NULL)
"""
RENAMES = """
version: 1
tables:
  items: {rows: things, columns: {id: thing_id, email: email_address}}
"""
COMPUTES = """
version: 1
tables:
  items:
    rows: things
    columns:
      id: thing_id
      email: email_address
      name:
        read: "first_name || ' ' || last_name"
        write:
          first_name: "split_part(name, ' ', 1)"
          last_name: "substr(name, length(split_part(name, ' ', 1)) + 2)"
      active: {column: status, values: {true: enabled, false: disabled}}
      price: {column: price_cents, read: "price_cents / 100.0", write: "round(price * 100)"}
    defaults: {tenant: "1"}
"""
ROWS = """
INSERT INTO items SELECT i, i || '@example.com', 'Ann ' || md5(i::text),
  i %% 3 = 0, i / 7.0, i * 0.37, timestamptz '2026-01-01' + i * interval '1 s',
  date '2026-01-01' + i %% 999, md5(i::text)::uuid, repeat('n', 20 + i %% 30)
FROM generate_series(1, %d) i;
VACUUM ANALYZE items;
"""
CHECKS = {
    "renamed": ("SELECT sum(hashtext(t::text)::bigint) FROM items t",
                "SELECT sum(hashtext(t::text)::bigint) FROM things t"),
    "computed": (
        "SELECT sum(hashtext((id, split_part(name, ' ', 1), active, price * "
        "100, at)::text)::bigint) FROM items",
        "SELECT sum(hashtext((thing_id, first_name, status = 'enabled', "
        "price_cents::numeric(12,2), at)::text)::bigint) FROM things"),
}


def timed(action):
    begin = time.monotonic()
    action()
    return time.monotonic() - begin


def fresh(shadow, name, sql):
    shadow.psql(f'DROP DATABASE IF EXISTS "{name}"')
    shadow.create_database(name)
    if sql:
        shadow.psql(sql, name)
    shadow.psql("CHECKPOINT")


def dump(place, primary, shadow):
    fresh(shadow, "dumped", None)
    command = " ".join([
        place.tool("pg_dump"), "-h", primary.host, "-p", str(primary.port),
        "-U", "postgres", "-t", "items", "bench", "|", place.tool("psql"),
        "-qX", "-v", "ON_ERROR_STOP=1", "-h", shadow.host, "-p",
        str(shadow.port), "-U", "postgres", "dumped"])
    return timed(lambda: place.run(["bash", "-o", "pipefail", "-c", command]))


def seed(place, primary, shadow, kind, parallax, schema):
    fresh(shadow, "bench", schema)
    seconds = timed(lambda: place.run([place.parallax, "seed",
                                       parallax.config]))
    old, new = CHECKS[kind]
    if primary.psql(old, "bench") != shadow.psql(new, "bench"):
        raise RuntimeError(f"{kind}: the rows that were loaded differ")
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int,
                        default=int(os.environ.get("BENCH_ROUNDS", 5)))
    parser.add_argument("--rows", type=int, default=1000000)
    arguments = parser.parse_args()

    with Workplace("bench-seed") as place:
        settings = {"shared_buffers": "256MB", "max_wal_size": "8GB"}
        primary = Cluster(place, "primary", settings).start()
        shadow = Cluster(place, "shadow", settings).start()
        primary.create_database("bench")
        primary.psql(OLD, "bench")
        primary.psql(ROWS % arguments.rows, "bench")
        kinds = {}
        for kind, schema, mapping in (("renamed", RENAMED, RENAMES),
                                      ("computed", COMPUTED, COMPUTES)):
            path = place.write(f"{kind}.yaml.mapping", mapping)
            kinds[kind] = (Parallax(place, primary, shadow, "bench", path,
                                    name=kind), schema)
        times = {"pg_dump | psql": [], "renamed": [], "computed": []}
        for _ in range(arguments.rounds):
            times["pg_dump | psql"].append(dump(place, primary, shadow))
            for kind, (parallax, schema) in kinds.items():
                times[kind].append(seed(place, primary, shadow, kind, parallax,
                                        schema))
        print(f"\nloading {arguments.rows} rows of 10 columns, "
              f"{arguments.rounds} rounds")
        for name, seconds in times.items():
            ratios = [base / mine for base, mine in
                      zip(times["pg_dump | psql"], seconds)]
            rate = arguments.rows / statistics.median(seconds)
            print(f"  {name:15} {statistics.median(seconds):6.2f} s"
                  f" {rate:9.0f} rows/s, rate to the dump's"
                  f" {statistics.median(ratios):5.2f}"
                  f" ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


if __name__ == "__main__":
    main()
