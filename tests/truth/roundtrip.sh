#!/bin/sh
# The printer's law over PostgreSQL's own regression tests: fetches them if they
# are not there, and runs build/tests/truth/roundtrip over all of them.
set -eu
build=${BUILD:-build}
[ -f build/regress/parallel_schedule ] || tests/fetch-regress.sh build/regress
exec "$build/tests/truth/roundtrip" build/regress/*.sql
