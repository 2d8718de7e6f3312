#include "journal/border.h"

static void note_seq(struct journal_border *border, uint64_t seq)
{
	if (seq > border->last_seq)
		border->last_seq = seq;
}

static void take_head(struct journal_border *border,
		      const Parallax__Journal__Record *record)
{
	uint64_t before = record->head->last_seq;

	border->missing_to = 0;
	if (border->epoch == record->epoch && before > border->last_seq)
		border->missing_to = before;
	else
		note_seq(border, before);
	border->epoch = record->epoch;
}

bool journal_border_follow(struct journal_border *border,
			   const Parallax__Journal__Record *record,
			   uint64_t *first, uint64_t *last)
{
	bool missing = false;

	/* After a head, a Gap says what the relay could not write. A loss that
	 * no Gap reports is a loss of the disk. */
	if (border->missing_to && !record->head) {
		*first = border->last_seq + 1;
		*last = border->missing_to;
		missing =
		    !record->gap || record->gap->last_seq < border->missing_to;
		note_seq(border, border->missing_to);
		border->missing_to = 0;
	}
	if (record->end)
		note_seq(border, record->end->seq);
	if (record->transaction_end)
		note_seq(border, record->transaction_end->seq);
	if (record->gap)
		note_seq(border, record->gap->last_seq);
	if (record->head)
		take_head(border, record);
	return missing;
}

void journal_border_forget(struct journal_border *border)
{
	border->epoch = 0;
	border->missing_to = 0;
}
