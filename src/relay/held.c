#include "relay/held.h"

#include <string.h>

struct held_statement *held_statement_at(struct capture_session *session,
					 size_t at)
{
	return at < session->held.size
		   ? (struct held_statement *)(void *)(session->held.data + at)
		   : NULL;
}

struct held_statement *held_statement_find(struct capture_session *session,
					   uint64_t message)
{
	struct held_statement *held;

	for (size_t at = session->held_at;
	     (held = held_statement_at(session, at)); at += held->size)
		if (held->message == message)
			return held;
	return NULL;
}

void held_statements_advance(struct capture_session *session)
{
	struct held_statement *held;

	while ((held = held_statement_at(session, session->held_at)) &&
	       held->done)
		session->held_at += held->size;
	if (!held) {
		buffer_clear(&session->held);
		session->held_at = 0;
	} else if (session->held_at > CAPTURE_RECORD &&
		   session->held_at > session->held.size / 2) {
		session->held.size -= session->held_at;
		memmove(session->held.data, held, session->held.size);
		session->held_at = 0;
	}
}

static void held_put(uint8_t **at, const void *data, size_t size)
{
	if (size)
		memcpy(*at, data, size);
	*at += size;
}

bool held_statement_push(struct capture_session *session,
			 const struct wire_statement *it)
{
	struct held_statement held = {
	    .message = it->message,
	    .kind = it->kind,
	    .truncated = it->truncated,
	    .resumed = it->resumed,
	    .implicit = it->implicit,
	    .row_limit = it->row_limit,
	    .portal_message = it->portal_message,
	    .forwarded_at = session->capture->now,
	    .after = it->after,
	    .parse_after = it->parse_after,
	    .bind_after = it->bind_after,
	    .parsed_after = it->parsed_after,
	    .ready_at = session->readies + it->behind,
	    .type_count = it->parameter_type_count,
	    .text_size = it->text.size,
	    .bind_size = it->bind.size,
	    .call_size = it->call.size,
	    .name_size = strlen(it->statement_name) + 1,
	    .portal_size = strlen(it->portal) + 1,
	};
	size_t types = held.type_count * sizeof(uint32_t);
	uint8_t *at;

	held.size = sizeof(held) + types + held.text_size + held.bind_size +
		    held.call_size + held.name_size + held.portal_size;
	held.size = (held.size + 7) & ~(size_t)7;
	if (buffer_reserve(&session->held, held.size)) {
		session->held.failed = false;
		return false;
	}
	at = session->held.data + session->held.size;
	held_put(&at, &held, sizeof(held));
	held_put(&at, it->parameter_types, types);
	held_put(&at, it->text.data, held.text_size);
	held_put(&at, it->bind.data, held.bind_size);
	held_put(&at, it->call.data, held.call_size);
	held_put(&at, it->statement_name, held.name_size);
	held_put(&at, it->portal, held.portal_size);
	session->held.size += held.size;
	return true;
}
