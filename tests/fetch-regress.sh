#!/bin/sh
# Fetches PostgreSQL's own regression tests to build/regress: the SQL files, the
# order in which they run (parallel_schedule), data/ that they load, and the
# functions that they call (regress.so). The corpus of tests/truth. Uses Debian's
# source package and the server's headers, from where this machine's own packages
# come, security updates included; the system's lists of apt stay as they are.
#
# Source and headers are of one version, the newest that can be fetched whole,
# whatever this machine has installed.
set -eu
target=${1:-build/regress}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/cache/archives/partial" "$work/lists/partial" "$work/parts" \
	"$target/data"
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")

# Debian's own entries, also as source entries, in both of apt's notations.
suites="$codename(-security|-updates)?"
for file in /etc/apt/sources.list.d/*.sources; do
	[ -e "$file" ] || continue
	awk -v RS= -v ORS='\n\n' -v suite="(^|\n)Suites:[^\n]* *$suites( |\n|\$)" \
	    '$0 ~ suite { sub(/Types:[^\n]*/, "Types: deb deb-src"); print }' "$file"
done >"$work/parts/debian.sources"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
	[ -e "$file" ] || continue
	sed -nE "s/^deb (\[[^]]*\] )?([^ ]+) ($suites) main.*/deb \1\2 \3 main\ndeb-src \1\2 \3 main/p" "$file"
done >"$work/parts/debian.list"

apt="-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$work/parts"
apt="$apt -o Dir::State::lists=$work/lists -o Acquire::Languages=none"
apt="$apt -o APT::Sandbox::User=root -o Dir::Cache=$work/cache"
# What is installed plays no part.
: >"$work/status"
apt="$apt -o Dir::State::status=$work/status"
# shellcheck disable=SC2086
apt-get $apt -qq update
# shellcheck disable=SC2086
versions=$(apt-cache $apt showsrc postgresql-15 | sed -n 's/^Version: //p' |
	sort -rVu)
fetched=
for version in $versions; do
	rm -f "$work"/postgresql*
	# shellcheck disable=SC2086
	if (cd "$work" && apt-get $apt -qq source --download-only \
	    "postgresql-15=$version" && apt-get $apt -qq download \
	    "postgresql-server-dev-15=$version") 2>"$work/errors"; then
		fetched=$version
		break
	fi
done
[ -n "$fetched" ] || {
	cat "$work/errors" >&2
	echo "no version of postgresql-15 could be fetched, of:" $versions >&2
	exit 1
}
tar -xf "$work"/postgresql-15_*.orig.tar.* -C "$work" --wildcards \
	'*/src/test/regress/*'
dpkg-deb -x "$work"/postgresql-server-dev-15_*.deb "$work/dev"
tests=$(echo "$work"/*/src/test/regress)
cc -O2 -shared -fPIC -w -I"$work/dev/usr/include/postgresql/15/server" \
	-o "$target/regress.so" "$tests/regress.c"
cp "$tests"/data/* "$target/data"
cp "$tests"/sql/*.sql "$target"
# Comes last: who finds it finds the rest too.
cp "$tests/parallel_schedule" "$target"
echo "$(find "$target" -name '*.sql' | wc -l) files of postgresql-15 $fetched in $target"
