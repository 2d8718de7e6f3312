#!/bin/sh
# Fails on a command, an option, a configuration key, a verdict, a class of
# divergence or a reason that the manual does not describe, and on a link in it
# that leads nowhere.
set -u

program=${PARALLAX_BUILD:-build}/parallax
failed=0
count=0

# want WHAT NAME FILES...: NAME stands in one of FILES.
want() {
	what=$1
	name=$2
	shift 2
	count=$((count + 1))
	grep -qF -- "$name" "$@" || {
		echo "docs-check: $what '$name' is not in $*"
		failed=$((failed + 1))
	}
}

names() { # of a .def table
	sed -n 's/^[A-Z_]*([A-Z_]*, "\([^"]*\)".*/\1/p' "$1"
}

for name in $(names src/compare/verdict.def); do
	want verdict "\`$name\`" docs/verdicts.md
done
for name in $(names src/compare/classes.def); do
	[ "$name" = none ] || want class "\`$name\`" docs/verdicts.md
done
for name in $(names src/compare/reasons.def); do
	[ "$name" = none ] || want reason "\`$name\`" docs/verdicts.md
done

# What explains what: the manual's table is that of the source, cell by cell.
explains() {
	sed -n 's/^EXPLAINS(\([A-Z_]*\), *\([nym,]*\))$/\1 \2/p' src/compare/explains.def |
	while read -r symbol cells; do
		name=$(sed -n "s/^REASON($symbol, \"\([^\"]*\)\".*/\1/p" src/compare/reasons.def)
		echo "| \`$name\` | $(echo "$cells" |
		    sed 's/,/ | /g; s/n/–/g; s/y/yes/g; s/m/meets/g') |"
	done
}
explains >"${TMPDIR:-/tmp}/explains.$$"
while read -r line; do
	want "row of explains.def" "$line" docs/verdicts.md
done <"${TMPDIR:-/tmp}/explains.$$"
[ -s "${TMPDIR:-/tmp}/explains.$$" ] || { echo "docs-check: explains.def has no rows"; exit 1; }
rm -f "${TMPDIR:-/tmp}/explains.$$"
for name in $(sed -n 's/^DIFFERENCE_KIND([A-Z]*, "\([^"]*\)".*/\1/p' src/compare/kinds.def | tr ' ' '+'); do
	want "kind of difference" "| $(echo "$name" | tr '+' ' ') |" docs/verdicts.md
done

commands=$("$program" --help | sed -n 's/^  \([a-z]*\)  *[A-Za-z].*/\1/p')
[ -n "$commands" ] || { echo "docs-check: no commands listed"; exit 1; }
for command in $commands; do
	want command "parallax $command" docs/commands.md
	for option in $("$program" "$command" --help |
	    grep -oE -- '--[a-z][a-z-]+' | sort -u); do
		want "option of $command" "$option" docs/commands.md docs/report.md \
		    docs/gate.md docs/journal.md
	done
done

for key in $("$program" run --help-config | sed -n 's/^\([a-z_.]*\)[^a-z_.].*/\1/p'); do
	want key "\`$key\`" docs/configuration.md
done

# Each row of the table of faults names its tests, and they exist.
faults=$(grep '^| ' docs/reliability.md | grep -v '^| what fails \|^| ---')
rows=$(echo "$faults" | grep -c .)
named=$(echo "$faults" | grep -c '| `test_[a-z0-9_]*\.[a-z0-9_]*`[^|]*|$')
count=$((count + 1))
[ "$rows" -gt 10 ] && [ "$rows" -eq "$named" ] || {
	echo "docs-check: docs/reliability.md: $rows rows, of which $named name a test"
	failed=$((failed + 1))
}
for test in $(grep -oE '`test_[a-z0-9_]+\.[a-z0-9_]+`' docs/reliability.md | tr -d '`' | sort -u); do
	files=$(find tests -name "${test%%.*}.py" -o -name "${test%%.*}.c")
	count=$((count + 1))
	grep -qE "(def|void) ${test#*.}\(" $files /dev/null || {
		echo "docs-check: docs/reliability.md names $test, which does not exist"
		failed=$((failed + 1))
	}
done

for page in README.md docs/*.md; do
	for link in $(grep -oE '\]\([^)#: ]+\.md' "$page" | sed 's/](//'); do
		count=$((count + 1))
		[ -e "$(dirname "$page")/$link" ] || {
			echo "docs-check: $page links to $link, which is not there"
			failed=$((failed + 1))
		}
	done
done

echo "docs-check: $((count - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
