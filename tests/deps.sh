#!/bin/sh
# Installs the Debian packages that building and testing take, if any is
# missing. Says nothing when all are there.
set -eu

packages="build-essential pkg-config git
libpq-dev libmariadb-dev libyaml-dev libpcre2-dev libcmocka-dev
libpg-query-dev libprotobuf-c-dev protobuf-c-compiler libuv1-dev libssl-dev
libsqlite3-dev libxxhash-dev libjansson-dev libseccomp-dev
postgresql-15 postgresql-contrib postgresql-client-15
mariadb-server mariadb-client mariadb-test-data python3-pymysql libmariadb-java
haproxy pgbouncer sqlsmith python3 python3-psycopg2 libpostgresql-jdbc-java
clang clang-format clang-tidy cppcheck libclang-rt-14-dev ccache"
command -v javac >/dev/null || packages="$packages default-jdk-headless"
command -v node >/dev/null || packages="$packages nodejs node-pg"

missing=
for package in $packages; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
	    grep -q '^install ok installed' || missing="$missing $package"
done
# A Node.js that is not Debian's brings npm, and takes its drivers from there. (In
# Debian there is no mysql2: its test is skipped.)
driver_of_node() {
	command -v npm >/dev/null || return 0
	NODE_PATH=/usr/share/nodejs:build/node/node_modules \
	    node -e 'require("pg"); require("mysql2")' 2>/dev/null ||
	    npm install --loglevel=error --no-fund --no-audit --prefix build/node \
	        pg@8 mysql2@3
}

if [ -z "$missing" ]; then
	driver_of_node
	exit
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
	as_root=sudo
	command -v sudo >/dev/null || {
		echo "missing packages, and neither root nor sudo:$missing" >&2
		exit 1
	}
fi
echo "installing:$missing"
# The packages' own servers are not wanted: the tests start theirs.
$as_root mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] ||
    echo 'create_main_cluster = false' |
    $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
driver_of_node
