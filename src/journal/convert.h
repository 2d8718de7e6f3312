/*
 * Inside the journal: from protobuf's structs to ours. Everything is copied;
 * the arguments stay the caller's.
 */
#ifndef PARALLAX_JOURNAL_CONVERT_H
#define PARALLAX_JOURNAL_CONVERT_H

#include "journal/exchange_internal.h"

struct exchange_session *convert_session(
    const struct exchange_session_id *id,
    const Parallax__Journal__SessionOpen *in, bool known);
struct exchange_transaction_end *convert_transaction_end(
    const struct exchange_session_id *id,
    const Parallax__Journal__Record *record);
struct exchange_gap *convert_gap(const Parallax__Journal__Record *record);
/* Fills in the values of an End. */
void convert_end(struct exchange_own *own, const Parallax__Journal__End *in);

#endif
