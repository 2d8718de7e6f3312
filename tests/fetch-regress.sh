#!/bin/sh
# Fetches PostgreSQL's own regression tests (SQL) to build/regress: the corpus
# of tests/truth/roundtrip. Uses Debian's source package, from where this
# machine's own packages come; the system's lists of apt stay as they are.
set -eu
target=${1:-build/regress}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/cache/archives/partial" "$work/lists/partial" "$work/parts" "$target"
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")

# Debian's own entries, as source entries, in both of apt's notations.
for file in /etc/apt/sources.list.d/*.sources; do
	[ -e "$file" ] || continue
	awk -v RS= -v ORS='\n\n' -v suite="(^|\n)Suites:[^\n]* *$codename( |\n|\$)" \
	    '$0 ~ suite { sub(/Types:[^\n]*/, "Types: deb-src"); print }' "$file"
done >"$work/parts/debian.sources"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
	[ -e "$file" ] || continue
	sed -nE "s/^deb (\[[^]]*\] )?([^ ]+ $codename main).*/deb-src \1\2/p" "$file"
done >"$work/parts/debian.list"

apt="-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$work/parts"
apt="$apt -o Dir::State::lists=$work/lists -o Acquire::Languages=none"
apt="$apt -o APT::Sandbox::User=root -o Dir::Cache=$work/cache"
# shellcheck disable=SC2086
apt-get $apt -qq update
# shellcheck disable=SC2086
(cd "$work" && apt-get $apt -qq source --download-only postgresql-15)
tar -xf "$work"/postgresql-15_*.orig.tar.* -C "$work" --wildcards \
	'*/src/test/regress/sql/*.sql'
cp "$work"/*/src/test/regress/sql/*.sql "$target"
echo "$(find "$target" -name '*.sql' | wc -l) files in $target"
