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
