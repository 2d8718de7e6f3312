#include "config/options.h"

#include "config/config.h"

const char *const option_sections[] = {
    "",	       "access",  "auth",   "primary", "shadows", "capture",
    "journal", "compare", "mirror", "sandbox", "log",	  NULL};

#define AT(member)     offsetof(struct config, member)
#define SHADOW(member) offsetof(struct config_shadow, member)

/* clang-format off */
const struct option options[] = {
	{"", "listen", OPTION_ADDRESSES, AT(listen), "127.0.0.1:6432",
	 .doc = "Where clients connect: host:port, [v6]:port, or /folder:port "
	 "for a unix socket in that folder. One address or a list."},
	{"", "listen_keepalive", OPTION_DURATION, AT(listen_tcp.keepalive_us),
	 "60 s",
	 .doc = "TCP: how long a client may be silent before it is probed. Its "
	 "session ends if the same time passes again without an answer. "
	 "Whole seconds; 0: no probes."},
	{"", "listen_user_timeout", OPTION_DURATION,
	 AT(listen_tcp.user_timeout_us), "0",
	 .doc = "TCP: how long data sent to a client may stay unacknowledged, "
	 "or a client may stop reading, before its session ends. 0: the "
	 "system decides, and a live client may read as late as it "
	 "likes."},
	{"", "listen_tls", OPTION_CHOICE, AT(listen_tls.offer), "off",
	 .choices = "off|allow|require|mutual",
	 .doc = "TLS for TCP clients. off: no TLS, so a client that requires it "
	 "cannot connect; allow: with or without TLS; require: with TLS only; "
	 "mutual: with TLS and a certificate signed by listen_tls_ca only. "
	 "Clients on unix sockets never use TLS."},
	{"", "listen_tls_certificate", OPTION_PATH, AT(listen_tls.certificate),
	 .doc = "PEM file: the certificate for clients, followed by the "
	 "intermediate ones. Read again on SIGHUP, like the next two."},
	{"", "listen_tls_key", OPTION_PATH, AT(listen_tls.key),
	 .doc = "PEM file: the certificate's key, without a passphrase and not "
	 "readable by others."},
	{"", "listen_tls_ca", OPTION_PATH, AT(listen_tls.ca),
	 .doc = "PEM file, for listen_tls: mutual: the authorities that sign "
	 "clients' certificates."},
	{"", "listen_tcp_to_socket", OPTION_BOOL, AT(listen_tcp_to_socket),
	 "false",
	 .doc = "Serve TCP clients although the primary is on a unix socket. "
	 "The primary may admit the relay's own user there without a "
	 "password (peer): anyone who reaches the port is then that "
	 "user."},
	{"", "mapping", OPTION_PATH, AT(mapping),
	 .doc = "The mapping file of all shadows that do not name their own. "
	 "Without one, the schemas are taken to be the same."},
	{"", "store", OPTION_PATH, AT(store), "parallax.db",
	 .doc = "Where verdicts are kept. With several shadows, each one's "
	 "name is inserted before the file's extension."},
	{"", "pid_file", OPTION_PATH, AT(pid_file),
	 .doc = "A file that holds the supervisor's process id while it runs. "
	 "It is locked, so a second run with the same file is refused."},
	{"", "user", OPTION_TEXT, AT(user),
	 .doc = "The user to become when started as root, before anything is "
	 "opened. Without it, a start as root is refused."},
	{"", "group", OPTION_TEXT, AT(group),
	 .doc = "The group, instead of the user's own."},
	{"", "drain", OPTION_DURATION, AT(drain_us), "30 s",
	 .doc = "At SIGTERM: how long clients may take to finish, and after "
	 "them how long the mirrors may read on towards the journal's "
	 "end."},

	{"access", "networks", OPTION_LIST, AT(access.networks),
	 .doc = "The networks that TCP clients may connect from: 10.0.0.0/8, "
	 "::1. Without it, all. Clients on unix sockets are not concerned."},
	{"access", "users", OPTION_LIST, AT(access.users),
	 .doc = "The users that clients may log in as. Without it, all."},
	{"access", "databases", OPTION_LIST, AT(access.databases),
	 .doc = "The databases that clients may log in to. Without it, all."},
	{"access", "certificates", OPTION_LIST, AT(access.certificates),
	 .doc = "For listen_tls: mutual: name=user, for a certificate's common "
	 "name and a user that it may log in as; name=* for any user. A name "
	 "is always good for the user of that name."},
	{"access", "failures", OPTION_COUNT, AT(access.failures), "100",
	 .doc = "After so many wrong passwords of a user from an address "
	 "within a minute the relay refuses that user's logins from there, "
	 "until the minute is over. 0: no limit."},

	{"auth", "file", OPTION_PATH, AT(auth_file),
	 .doc = "A file of users and what the server keeps of their passwords "
	 "(SCRAM-SHA-256): those clients prove their password to the relay, "
	 "and the relay logs in with that proof. Others log in at the primary. "
	 "Mode 0600; read again on SIGHUP."},

	{"primary", "engine", OPTION_TEXT, AT(primary.engine),
	 .by_engine = true, .doc = "The kind of database."},
	{"primary", "host", OPTION_TEXT, AT(primary.endpoint.host),
	 .required = true,
	 .doc = "Name or address of the primary, or the folder of its unix "
	 "socket."},
	{"primary", "port", OPTION_PORT, AT(primary.endpoint.port),
	 .by_engine = true, .doc = "Its port."},
	{"primary", "database", OPTION_TEXT, AT(primary.endpoint.database),
	 .required = true,
	 .doc = "The database whose catalog the mapping is checked against. "
	 "Clients choose their database themselves."},
	{"primary", "user", OPTION_TEXT, AT(primary.endpoint.user),
	 .required = true,
	 .doc = "The account that reads the catalog. Clients log in as "
	 "themselves."},
	{"primary", "password", OPTION_TEXT, AT(primary.endpoint.password),
	 .secret = true, .doc = "Its password; ${NAME} takes it from the "
	 "environment."},
	{"primary", "password_file", OPTION_PATH, AT(primary.password_file),
	 .doc = "A file whose first line is the password."},
	{"primary", "options", OPTION_TEXT, AT(primary.endpoint.options),
	 .doc = "Further parameters of the driver for the connections of "
	 "`user`, such as \"connect_timeout=3\". TLS is not set here."},
	{"primary", "tls", OPTION_CHOICE, AT(primary.endpoint.tls.mode),
	 "prefer", .choices = "disable|prefer|require|verify-ca|verify-full",
	 .doc = "TLS for all TCP connections, including those of clients. "
	 "prefer: if the server offers it, else without, which is logged; "
	 "require: with TLS only; verify-ca: and the server's certificate must "
	 "be signed by tls_ca; verify-full: and issued for `host`."},
	{"primary", "tls_ca", OPTION_PATH, AT(primary.endpoint.tls.ca),
	 .doc = "PEM file: the authorities that verify-ca and verify-full "
	 "trust."},
	{"primary", "tls_certificate", OPTION_PATH,
	 AT(primary.endpoint.tls.certificate),
	 .doc = "PEM file: the certificate that Parallax presents to the "
	 "server, also on the connections of clients. A server that "
	 "authenticates by certificate takes all clients for its owner: see "
	 "docs/security.md."},
	{"primary", "tls_key", OPTION_PATH, AT(primary.endpoint.tls.key),
	 .doc = "PEM file: the certificate's key, without a passphrase."},
	{"primary", "keepalive", OPTION_DURATION, AT(primary.tcp.keepalive_us),
	 "60 s",
	 .doc = "Like listen_keepalive, for the clients' connections to the "
	 "primary."},
	{"primary", "user_timeout", OPTION_DURATION,
	 AT(primary.tcp.user_timeout_us), "0",
	 .doc = "Like listen_user_timeout, for the clients' connections to the "
	 "primary. A statement that waits for a lock while its client "
	 "sends more data does not read either."},

	{"shadows", "name", OPTION_TEXT, SHADOW(name), "shadow",
	 .doc = "Its name in reports and files: letters, digits, - and _. With "
	 "several shadows, each needs its own."},
	{"shadows", "engine", OPTION_TEXT, SHADOW(engine), .by_engine = true,
	 .doc = "The kind of database, if it is not the primary's."},
	{"shadows", "host", OPTION_TEXT, SHADOW(endpoint.host),
	 .required = true, .doc = "As for the primary."},
	{"shadows", "port", OPTION_PORT, SHADOW(endpoint.port),
	 .by_engine = true, .doc = "Its port."},
	{"shadows", "database", OPTION_TEXT, SHADOW(endpoint.database),
	 .required = true,
	 .doc = "The database with the new schema. Statements of all the "
	 "client's databases go there."},
	{"shadows", "user", OPTION_TEXT, SHADOW(endpoint.user),
	 "parallax_mirror",
	 .doc = "The mirror's own account, which `parallax rights` makes. No "
	 "client's statement runs with its rights."},
	{"shadows", "password", OPTION_TEXT, SHADOW(endpoint.password),
	 .secret = true, .doc = "As for the primary."},
	{"shadows", "password_file", OPTION_PATH, SHADOW(password_file),
	 .doc = "As for the primary."},
	{"shadows", "options", OPTION_TEXT, SHADOW(endpoint.options),
	 .doc = "As for the primary."},
	{"shadows", "tls", OPTION_CHOICE, SHADOW(endpoint.tls.mode), "prefer",
	 .choices = "disable|prefer|require|verify-ca|verify-full",
	 .doc = "As for the primary."},
	{"shadows", "tls_ca", OPTION_PATH, SHADOW(endpoint.tls.ca),
	 .doc = "As for the primary."},
	{"shadows", "tls_certificate", OPTION_PATH,
	 SHADOW(endpoint.tls.certificate), .doc = "As for the primary."},
	{"shadows", "tls_key", OPTION_PATH, SHADOW(endpoint.tls.key),
	 .doc = "As for the primary."},
	{"shadows", "mapping", OPTION_PATH, SHADOW(mapping),
	 .doc = "This shadow's own mapping file, instead of the common one."},
	{"shadows", "store", OPTION_PATH, SHADOW(store),
	 .doc = "This shadow's own store, instead of the common one."},
	{"shadows", "set_role", OPTION_BOOL, SHADOW(set_role), "true",
	 .doc = "Take on the client's role in each session. If false, "
	 "everything runs as `user`."},

	{"shadows", "rights_file", OPTION_PATH, SHADOW(rights_file),
	 "parallax.rights",
	 .doc = "The logins that stand for clients' roles on the shadow, with "
	 "their passwords. Written by `parallax rights`, mode 0600."},
	{"shadows", "unsafe_rights", OPTION_BOOL, SHADOW(unsafe_rights),
	 "false",
	 .doc = "Take on clients' roles as `user`, by SET SESSION "
	 "AUTHORIZATION or SET ROLE. A client can then gain all rights "
	 "of `user` on the shadow; with a superuser, its whole machine."},

	{"capture", "max_result", OPTION_SIZE, AT(capture.max_result), "1 MiB",
	 .doc = "How much of one answer's rows is kept. Longer answers are "
	 "compared by digests."},
	{"capture", "max_statement", OPTION_SIZE, AT(capture.max_statement),
	 "1 MiB",
	 .doc = "The longest statement text that is mirrored; longer ones are "
	 "counted as inconclusive. At most 8 MiB."},

	{"journal", "directory", OPTION_PATH, AT(journal.directory), "journal",
	 .doc = "The folder of the journal's segments. Created if missing."},
	{"journal", "encryption", OPTION_PATH, AT(journal.encryption),
	 .doc = "The file with the keys that segments are encrypted with, mode "
	 "0600, or /dev/fd/N. Without it they are not encrypted."},
	{"journal", "segment_size", OPTION_SIZE, AT(journal.segment_size),
	 "64 MiB",
	 .doc = "The size at which a new segment begins."},
	{"journal", "max_size", OPTION_SIZE, AT(journal.max_size), "8 GiB",
	 .doc = "How much disk space the journal may take; 0: no limit."},
	{"journal", "buffer", OPTION_SIZE, AT(journal.buffer), "32 MiB",
	 .doc = "The relay's memory for records that are not yet written to "
	 "the journal. At least 16 MiB."},
	{"journal", "when_full", OPTION_CHOICE, AT(journal.when_full), "shed",
	 .choices = "shed|block",
	 .doc = "shed: statements go unmirrored, and are counted; block: "
	 "clients wait."},
	{"journal", "keep", OPTION_DURATION, AT(journal.keep_us), "0",
	 .doc = "How long segments stay after every mirror has passed them."},
	{"journal", "sync", OPTION_DURATION, AT(journal.sync_us), "1 s",
	 .doc = "The time between two syncs to disk."},

	{"compare", "clock_tolerance", OPTION_DURATION,
	 AT(compare.clock_tolerance_us), "2 s",
	 .doc = "How far apart values fed by a clock may be."},
	{"compare", "float_ulps", OPTION_SMALL, AT(compare.float_ulps), "4",
	 .doc = "How far apart floating point values may be, in units of the "
	 "last place."},
	{"compare", "warnings", OPTION_BOOL, AT(compare.warnings), "false",
	 .doc = "Compare the servers' warnings too."},
	{"compare", "evidence_rows", OPTION_COUNT, AT(compare.evidence_rows),
	 "10",
	 .doc = "How many differing rows are kept of one divergence."},
	{"compare", "evidence_per_fingerprint", OPTION_COUNT,
	 AT(compare.evidence_per_fingerprint), "10",
	 .doc = "How many divergences of one fingerprint are kept with their "
	 "evidence."},
	{"compare", "show_values", OPTION_BOOL, AT(compare.show_values),
	 "false",
	 .doc = "Keep values in evidence as they are, not as hash and shape."},
	{"compare", "statement_timeout", OPTION_DURATION,
	 AT(compare.statement_timeout_us), "0",
	 .doc = "How long a statement may run on a shadow; 0: no limit."},

	{"mirror", "memory", OPTION_SIZE, AT(mirror_memory), "512 MiB",
	 .doc = "Roughly how much memory a mirror may use. Above that, it "
	 "stops reading until its pending work is done, and builds its "
	 "plans again. A single statement that takes it beyond twice that "
	 "and 128 MiB ends it; the second time it is stepped over."},
	{"mirror", "looks", OPTION_BOOL, AT(mirror_looks), "false",
	 .doc = "Take second looks: a mirror reads rows in doubt again, as "
	 "primary.user and by way of the relay, and compares them with the "
	 "shadow's. That user needs SELECT on the application's tables. It "
	 "has one connection, and at most one hundredth of the time."},

	{"sandbox", "files", OPTION_BOOL, AT(sandbox.files), "true",
	 .doc = "Relay and mirrors reach only the files and TCP ports that the "
	 "config names, as far as the kernel can confine them (Landlock)."},
	{"sandbox", "system_calls", OPTION_BOOL, AT(sandbox.system_calls),
	 "true",
	 .doc = "Relay and mirrors make only the system calls that they need "
	 "(seccomp)."},

	{"log", "level", OPTION_CHOICE, AT(log_level), "info",
	 .choices = "error|warn|info|debug",
	 .doc = "The least severe level that is logged."},
};
/* clang-format on */

const size_t option_count = sizeof(options) / sizeof(*options);

const char *option_kind_name(enum option_kind kind)
{
	static const char *const names[] = {
	    [OPTION_TEXT] = "text",
	    [OPTION_PATH] = "path",
	    [OPTION_SIZE] = "size",
	    [OPTION_DURATION] = "duration",
	    [OPTION_BOOL] = "true or false",
	    [OPTION_PORT] = "port",
	    [OPTION_COUNT] = "number",
	    [OPTION_SMALL] = "number",
	    [OPTION_CHOICE] = "choice",
	    [OPTION_ADDRESSES] = "list of addresses",
	    [OPTION_LIST] = "list",
	};

	return names[kind];
}
