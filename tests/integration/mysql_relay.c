/*
 * A relay for MySQL's protocol, and what it captured, for test_mysql_relay.py.
 * (The engine is not offered by `parallax run` yet.)
 *
 *	mysql_relay LISTEN_PORT PRIMARY_PORT JOURNAL	runs until SIGTERM
 *	mysql_relay JOURNAL				prints the records
 */
#include <inttypes.h>

#include "adapters/mysql/wire.h"
#include "base/log.h"
#include "journal/reader.h"
#include "relay/relay.h"

static int run(char **arguments)
{
	struct relay_address listen = {"127.0.0.1",
				       (int)strtol(arguments[1], NULL, 10)};
	struct journal_options journal = {.directory = arguments[3],
					  .engine = "mysql",
					  .writer = 1,
					  .segment_size = 1 << 24,
					  .max_size = 1 << 28};
	struct relay_options options = {
	    .wire = &mysql_wire,
	    .listen = &listen,
	    .listen_count = 1,
	    .primary = {"127.0.0.1", (int)strtol(arguments[2], NULL, 10)},
	    .journal = &journal,
	};
	struct error error;

	error_init(&error);
	if (!relay_run(&options, &error))
		return 0;
	fprintf(stderr, "%s\n", error.message);
	return 1;
}

static void print_text(const uint8_t *text, size_t size)
{
	for (size_t i = 0; i < size && i < 200; i++)
		putchar(text[i] >= ' ' && text[i] < 127 ? text[i] : '.');
}

static void print_statement(const Parallax__Journal__Record *record)
{
	const Parallax__Journal__Statement *it = record->statement;

	printf("statement %" PRIu64 ".%" PRIu64 " kind=%d types=%zu "
	       "truncated=%d ",
	       record->session, record->message, (int)it->kind,
	       it->n_parameter_types, it->truncated);
	print_text(it->text.data, it->text.len);
	putchar('\n');
}

static void print_end(const Parallax__Journal__Record *record)
{
	const Parallax__Journal__End *it = record->end;

	printf("end %" PRIu64 ".%" PRIu64 ".%u outcome=%d rows=%" PRIu64
	       " matched=%" PRIu64 " changed=%" PRIu64 " id=%" PRIu64
	       " code=%u\n",
	       record->session, record->message, it->index, (int)it->outcome,
	       it->row_count, it->matched_rows, it->changed_rows, it->insert_id,
	       it->problem ? it->problem->code : 0);
}

static void print_record(const Parallax__Journal__Record *record)
{
	if (record->opened)
		printf("opened %" PRIu64 " %s %s %s\n", record->session,
		       record->opened->role, record->opened->database,
		       record->opened->uncaptured);
	if (record->statement)
		print_statement(record);
	if (record->input)
		printf("input %" PRIu64 ".%" PRIu64 " kind=%d size=%zu\n",
		       record->session, record->message,
		       (int)record->input->kind, record->input->data.len);
	if (record->end)
		print_end(record);
	if (record->changed)
		printf("changed %" PRIu64 " %s %s reset=%d\n", record->session,
		       record->changed->role, record->changed->database,
		       record->changed->reset);
	if (record->transaction_end)
		printf("transaction %" PRIu64 " outcome=%d\n", record->session,
		       (int)record->transaction_end->outcome);
	if (record->closed)
		printf("closed %" PRIu64 " clean=%d %s\n", record->session,
		       record->closed->clean, record->closed->uncaptured);
}

static int show(const char *directory)
{
	struct journal_position start = {0};
	struct journal_reader *reader;
	struct journal_record record;
	enum journal_read read;
	struct error error;

	error_init(&error);
	if (journal_reader_open(&reader, directory, start, &error)) {
		fprintf(stderr, "%s\n", error.message);
		return 1;
	}
	while ((read = journal_reader_next(reader, &record, &error)) ==
	       JOURNAL_OK)
		print_record(record.record);
	journal_reader_free(&reader);
	return read == JOURNAL_BAD;
}

int main(int count, char **arguments)
{
	log_threshold = LOG_WARN_LEVEL;
	if (count == 4)
		return run(arguments);
	return count == 2 ? show(arguments[1]) : 2;
}
