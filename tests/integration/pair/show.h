/* What goes out. */
#ifndef TESTS_INTEGRATION_PAIR_SHOW_H
#define TESTS_INTEGRATION_PAIR_SHOW_H

#include "integration/pair/server.h"

static json_t *show_value(struct value value)
{
	char hex[41];

	if (!value.data)
		return json_null();
	json_t *text = json_stringn((const char *)value.data, value.size);

	if (text)
		return text;
	for (uint32_t i = 0; i < value.size && i < 20; i++)
		snprintf(hex + 2 * i, 3, "%02x", value.data[i]);
	return json_string(hex);
}

static json_t *show(const struct answer *answer, bool rows)
{
	json_t *shown = json_pack("{s:s, s:I, s:I}", "tag", answer->tag,
				  "affected", (json_int_t)answer->affected,
				  "rows", (json_int_t)answer->row_count);

	if (answer->outcome == ANSWER_FAILED)
		json_object_update_new(
		    shown,
		    json_pack("{s:s, s:s, s:s}", "state", answer->problem.code,
			      "message", answer->problem.message, "constraint",
			      answer->problem.constraint));
	if (rows) {
		json_t *list = json_array();

		for (size_t r = 0; r < answer->row_held && r < SHOWN; r++) {
			json_t *row = json_array();

			for (size_t c = 0; c < answer->column_count; c++)
				json_array_append_new(
				    row,
				    show_value(
					answer->rows[r * answer->column_count +
						     c]));
			json_array_append_new(list, row);
		}
		json_object_set_new(shown, "values", list);
	}
	return shown;
}

static json_t *show_plan(const struct plan *plan)
{
	static const char *const actions[] = {[PLAN_RUN] = "run",
					      [PLAN_UNTRANSLATABLE] =
						  "untranslatable",
					      [PLAN_SKIP] = "skip",
					      [PLAN_SESSION] = "session"};
	static const char *const orders[] = {"none", "partial", "total"};
	bool refused =
	    plan->action == PLAN_UNTRANSLATABLE || plan->action == PLAN_SKIP;

	return json_pack("{s:s, s:s, s:s, s:i, s:b, s:b, s:s, s:s}", "action",
			 actions[plan->action], "reason",
			 refused ? reason_name(plan->reason) : "", "detail",
			 refused && plan->detail ? plan->detail : "",
			 "position", plan->position, "mapped", plan->mapped,
			 "reads_only", plan->reads_only, "order",
			 orders[plan->promise.order], "kind",
			 sql_kind_name(plan->traits.kind));
}

#endif
