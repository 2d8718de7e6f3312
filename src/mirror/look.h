/* The second look: see look.c. */
#ifndef PARALLAX_MIRROR_LOOK_H
#define PARALLAX_MIRROR_LOOK_H

#include "mirror/internal.h"

struct look;

/* Where the options allow looks; mirror->look stays NULL otherwise. */
void look_open(struct mirror *mirror);
/* Before and after the loop's last run. */
void look_hang_up(struct mirror *mirror);
void look_free(struct mirror *mirror);
/* At each tick. */
void look_turn(struct mirror *mirror);
/* The clients are going: the last looks, until none is left or the time is
 * over, then it hangs up. */
void look_last(struct mirror *mirror);
int look_save(struct mirror *mirror, struct error *error);

/* --- as the journal shows it --- */

/* An exchange of a session that the relay has marked: its greeting says whether
 * the session is this mirror's. */
void look_greeted(struct session *session, const struct exchange *exchange);
void look_closed(const struct session *session);
/* The task may be the question's exchange: then it is a look. */
void look_claim(struct task *task);
/* Both sides gave the same rows. Brings the difference that any in these rows
 * would be, to be weighed. */
void look_expect(struct task *task, struct comparison *comparison);
/* Whether its rows are in doubt for certain divergences only: then a
 * difference follows from these, and is one. */
bool look_is_certain(const struct task *task);
/* The task, a look, is judged. True: it is a divergence of its own. */
bool look_settled(struct task *task);

#endif
