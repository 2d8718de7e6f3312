#include "relay/capture.h"

static void on_opened(void *context)
{
	((struct capture_session *)context)->opened = true;
}
static void on_statement(void *context, const struct wire_statement *it)
{
	(void)context, (void)it;
}
static void on_input(void *context, uint64_t message, uint32_t index,
		     enum wire_input_kind kind, struct bytes data)
{
	(void)context, (void)message, (void)index, (void)kind, (void)data;
}
static void on_row(void *context, uint64_t message, uint32_t index,
		   struct bytes columns)
{
	(void)context, (void)message, (void)index, (void)columns;
}
static void on_end(void *context, const struct wire_end *end)
{
	(void)context, (void)end;
}
static void on_transaction(void *context, enum wire_transaction outcome,
			   uint64_t message, uint64_t after,
			   const struct wire_problem *problem)
{
	(void)context, (void)message, (void)outcome, (void)after, (void)problem;
}
static void on_ready(void *context, char status, uint64_t message, bool busy)
{
	(void)context, (void)message, (void)status, (void)busy;
}
const struct wire_events capture_events = {
    on_opened, on_statement, on_input,	     on_row,
    on_row,    on_end,	     on_transaction, on_ready};

void capture_session_init(struct capture_session *session,
			  struct capture *capture, uint64_t number,
			  struct wire *const *wire, const char *peer)
{
	(void)number, (void)wire, (void)peer;
	session->capture = capture;
}
void capture_session_close(struct capture_session *session, bool clean)
{
	(void)session, (void)clean;
}
void capture_turn(struct capture_session *session)
{
	(void)session;
}
int capture_open(struct capture *capture, struct link *sessions,
		 const struct journal_options *journal, struct error *error)
{
	(void)capture, (void)sessions, (void)journal, (void)error;
	return 0;
}
int capture_close(struct capture *capture, struct error *error)
{
	(void)capture, (void)error;
	return 0;
}
bool capture_full(const struct capture *capture)
{
	(void)capture;
	return false;
}
bool capture_flush(struct capture *capture)
{
	(void)capture;
	return false;
}
void capture_tick(struct capture *capture)
{
	(void)capture;
}
void capture_status(const struct capture *capture, char *out, size_t size)
{
	(void)capture;
	if (size)
		out[0] = 0;
}
