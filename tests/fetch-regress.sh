#!/bin/sh
# Fetches PostgreSQL's own regression tests (SQL) to build/regress: the corpus
# of tests/truth/roundtrip. Uses Debian's source package; system lists of apt
# stay as they are. Set REGRESS_SUITE for another release of Debian.
set -eu
target=${1:-build/regress}
suite=${REGRESS_SUITE:-bookworm}
mirror=${REGRESS_MIRROR:-http://deb.debian.org/debian}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$target"
echo "deb-src $mirror $suite main" >"$work/sources.list"
apt="-o Dir::Etc::sourcelist=$work/sources.list -o Dir::Etc::sourceparts=-"
apt="$apt -o Dir::State::lists=$work/lists -o Acquire::Languages=none"
apt="$apt -o APT::Sandbox::User=root"
# shellcheck disable=SC2086
apt-get $apt -qq update
# shellcheck disable=SC2086
(cd "$work" && apt-get $apt -qq source --download-only postgresql-15)
tar -xf "$work"/postgresql-15_*.orig.tar.* -C "$work" --wildcards \
	'*/src/test/regress/sql/*.sql'
cp "$work"/*/src/test/regress/sql/*.sql "$target"
echo "$(find "$target" -name '*.sql' | wc -l) files in $target"
