/*
 * What a new connection to the shadow must be told, so that it stands where the
 * client's session does: the statements that left state in it, by their old text.
 * A later one takes the place of an earlier one of its kind and name:
 *
 *	SET zone = a	SET "zone": the first text
 *	SET zone = b	SET "zone": the second text
 *	RESET ALL	nothing is left of SET
 *
 * The store keeps them as one string, "12:SET zone = b", for a mirror that
 * is started again.
 */
#include "mirror/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"

void state_statement_add(struct link *into, enum sql_kind kind,
			 const char *name, const char *text)
{
	struct state_statement *memory = memory_alloc(sizeof(*memory));

	memory->kind = kind;
	memory->name = memory_string(name);
	memory->text = memory_string(text);
	list_append(into, &memory->in_list);
}

void state_statement_free(struct state_statement *memory)
{
	list_remove(&memory->in_list);
	free(memory->name);
	free(memory->text);
	free(memory);
}

void state_statements_free(struct link *memories)
{
	LIST_EACH(memories, it)
	state_statement_free(LIST_ITEM(it, struct state_statement, in_list));
}

static void drop_memory(struct session *session, enum sql_kind kind,
			const char *name)
{
	LIST_EACH(&session->memories, it)
	{
		struct state_statement *memory =
		    LIST_ITEM(it, struct state_statement, in_list);

		if (kind != SQL_KIND_DISCARD &&
		    (memory->kind != kind ||
		     (*name && strcasecmp(memory->name, name) != 0)))
			continue;
		state_statement_free(memory);
	}
}

void session_remember(struct session *session, struct link *memories)
{
	LIST_EACH(memories, it)
	{
		struct state_statement *memory =
		    LIST_ITEM(it, struct state_statement, in_list);

		drop_memory(session, memory->kind, memory->name);
		session->dirty = true;
		if (!memory->text) {
			state_statement_free(memory);
			continue;
		}
		list_remove(it);
		list_append(&session->memories, it);
	}
}

char *session_save(const struct session *session)
{
	struct buffer out;

	buffer_init(&out, 0);
	LIST_EACH(&session->memories, it)
	{
		const struct state_statement *memory =
		    LIST_ITEM(it, struct state_statement, in_list);

		buffer_printf(&out, "%zu:%s", strlen(memory->text),
			      memory->text);
	}
	if (!out.size) {
		buffer_release(&out);
		return NULL;
	}
	buffer_string(&out);
	return (char *)out.data;
}

void session_load(struct session *session, const char *text)
{
	struct mirror *mirror = session->mirror;

	while (*text) {
		char *end;
		size_t size = strtoull(text, &end, 10);
		struct lens_session lens;
		struct task task = {.mirror = mirror,
				    .session = session,
				    .version = mirror->version};
		char *copy;

		if (*end != ':' || size > strlen(end + 1)) {
			LOG_ERROR("a session's state cannot be read",
				  "session=%" PRIu64, session->id.session);
			session->state_lost = true;
			return;
		}
		text = end + 1;
		copy = memory_copy(text, size);
		text += size;
		task.text = copy;
		task.text_size = size;
		list_init(&task.memories);
		session_lens(session, &lens);
		task.plan = lens_plan(mirror->version->lens, &lens, copy, size,
				      NULL, 0);
		session_follow(session, &task);
		session_remember(session, &task.memories);
		lens_release(mirror->version->lens, task.plan);
		free(copy);
	}
	path_end(&session->path, true);
	if (session->temporary_count)
		session->state_lost = true;
	session->dirty = false;
}
