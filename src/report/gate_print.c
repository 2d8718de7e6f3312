#include <jansson.h>

#include "base/memory.h"
#include "report/format.h"
#include "report/gate.h"
#include "base/utf8.h"

enum { NOTE_COLUMNS = 200 };

static const char *word(enum gate_result result)
{
	return result == GATE_PASS    ? "PASS"
	       : result == GATE_LACKS ? "LACKS"
				      : "FAIL";
}

static const char *meaning(enum gate_result result)
{
	return result == GATE_PASS    ? "the policy holds"
	       : result == GATE_LACKS ? "not enough evidence"
				      : "the policy is broken";
}

static void put_word(struct buffer *out, enum gate_result result, bool colour)
{
	static const char *const colours[] = {
	    [GATE_PASS] = "\033[32m",
	    [GATE_LACKS] = "\033[33m",
	    [GATE_FAIL] = "\033[31m",
	};

	buffer_printf(out, "%s%-5s%s", colour ? colours[result] : "",
		      word(result), colour ? "\033[0m" : "");
}

/* The note's lines, below the rule; each is cut, with the fingerprint first. */
static void put_note(struct buffer *out, const char *note)
{
	while (note && *note) {
		size_t length = strcspn(note, "\n");
		char *line = memory_alloc(length + 1);

		memcpy(line, note, length);
		buffer_append_string(out, "           ");
		format_line(out, line, NOTE_COLUMNS);
		buffer_append_string(out, "\n");
		free(line);
		note += length + (note[length] != '\0');
	}
}

void gate_text(const struct gate_policy *policy,
	       const struct gate_outcome *outcomes, size_t count, bool colour,
	       struct buffer *out)
{
	enum gate_result worst = gate_worst(outcomes, count);

	if (policy->file) {
		buffer_append_string(out, "policy: ");
		format_line(out, policy->file, 0);
		buffer_append_string(out, "\n");
	} else {
		buffer_append_string(
		    out, "no --policy: these default rules apply\n");
	}
	for (size_t i = 0; i < count; i++) {
		const struct gate_outcome *outcome = &outcomes[i];

		buffer_append_string(out, "\n");
		format_line(out, outcome->name, 0);
		buffer_append_string(out, "\n");
		for (size_t j = 0; j < outcome->rule_count; j++) {
			const struct gate_rule *rule = &outcome->rules[j];

			buffer_append_string(out, "  ");
			put_word(out, rule->result, colour);
			buffer_printf(out, "  %s: %s (%s; ", rule->name,
				      rule->figure, rule->limit);
			if (rule->place.line)
				buffer_printf(out, "line %d)\n",
					      rule->place.line);
			else
				buffer_append_string(out, "default)\n");
			put_note(out, rule->note);
		}
		for (size_t j = 0; j < outcome->note_count; j++) {
			buffer_append_string(out, "  note   ");
			format_line(out, outcome->notes[j], 0);
			buffer_append_string(out, "\n");
		}
	}
	buffer_append_string(out, "\n");
	put_word(out, worst, colour);
	buffer_printf(out, " %s\n", meaning(worst));
}

static json_t *clean_json(const char *text)
{
	json_t *string = text ? json_string(text) : json_null();
	char *clean;

	if (string)
		return string;
	clean = utf8_clean(text, SIZE_MAX);
	string = json_string(clean);
	free(clean);
	return string;
}

#define SET(object, key, value) json_object_set_new(object, key, value)

static json_t *rule_json(const struct gate_policy *policy,
			 const struct gate_rule *rule)
{
	json_t *object = json_object();
	bool told = rule->place.line > 0;

	SET(object, "rule", clean_json(rule->name));
	SET(object, "result", json_string(gate_result_name(rule->result)));
	SET(object, "figure", clean_json(rule->figure));
	SET(object, "limit", clean_json(rule->limit));
	SET(object, "note", clean_json(rule->note));
	SET(object, "file", told ? clean_json(policy->file) : json_null());
	SET(object, "line",
	    told ? json_integer(rule->place.line) : json_null());
	return object;
}

static int append_to(const char *data, size_t size, void *context)
{
	struct buffer *out = context;

	buffer_append(out, data, size);
	return out->failed ? -1 : 0;
}

void gate_json(const struct gate_policy *policy,
	       const struct gate_outcome *outcomes, size_t count,
	       struct buffer *out)
{
	json_t *root = json_object();
	json_t *stores = json_array();

	SET(root, "format", json_string("parallax-gate"));
	SET(root, "version", json_integer(1));
	SET(root, "policy", clean_json(policy->file));
	SET(root, "result",
	    json_string(gate_result_name(gate_worst(outcomes, count))));
	for (size_t i = 0; i < count; i++) {
		const struct gate_outcome *outcome = &outcomes[i];
		json_t *object = json_object();
		json_t *rules = json_array();
		json_t *notes = json_array();

		SET(object, "store", clean_json(outcome->content->path));
		SET(object, "shadow",
		    clean_json(
			store_fact(outcome->content, STORE_FACT_SHADOW)));
		SET(object, "part",
		    outcome->content->part
			? json_integer((json_int_t)outcome->content->part)
			: json_null());
		SET(object, "parts",
		    json_integer((json_int_t)outcome->content->part_count));
		SET(object, "result",
		    json_string(gate_result_name(outcome->result)));
		for (size_t j = 0; j < outcome->rule_count; j++)
			json_array_append_new(
			    rules, rule_json(policy, &outcome->rules[j]));
		for (size_t j = 0; j < outcome->note_count; j++)
			json_array_append_new(notes,
					      clean_json(outcome->notes[j]));
		SET(object, "rules", rules);
		SET(object, "notes", notes);
		json_array_append_new(stores, object);
	}
	SET(root, "stores", stores);
	if (json_dump_callback(root, append_to, out, JSON_INDENT(2)))
		out->failed = true;
	buffer_append_string(out, "\n");
	json_decref(root);
}

/* HTML and XML escape the same characters; control bytes are removed too. */
static void attribute(struct buffer *out, const char *name, const char *text)
{
	buffer_printf(out, " %s=\"", name);
	format_html(out, text);
	buffer_append_string(out, "\"");
}

static void junit_case(const struct gate_outcome *outcome,
		       const struct gate_rule *rule, struct buffer *out)
{
	const char *element = rule->result == GATE_FAIL ? "failure" : "error";

	buffer_append_string(out, "    <testcase");
	attribute(out, "name", rule->name);
	attribute(out, "classname", outcome->name);
	if (rule->result == GATE_PASS) {
		buffer_append_string(out, "/>\n");
		return;
	}
	buffer_printf(out, ">\n      <%s type=\"%s\" message=\"", element,
		      rule->result == GATE_FAIL ? "policy" : "evidence");
	format_html(out, rule->figure);
	buffer_append_string(out, "; ");
	format_html(out, rule->limit);
	buffer_append_string(out, "\">");
	if (rule->note)
		format_html(out, rule->note);
	buffer_printf(out, "</%s>\n    </testcase>\n", element);
}

void gate_junit(const struct gate_policy *policy,
		const struct gate_outcome *outcomes, size_t count,
		struct buffer *out)
{
	(void)policy;
	buffer_append_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
				  "<testsuites name=\"parallax gate\">\n");
	for (size_t i = 0; i < count; i++) {
		const struct gate_outcome *outcome = &outcomes[i];
		size_t failures = 0;
		size_t errors = 0;

		for (size_t j = 0; j < outcome->rule_count; j++) {
			failures += outcome->rules[j].result == GATE_FAIL;
			errors += outcome->rules[j].result == GATE_LACKS;
		}
		buffer_append_string(out, "  <testsuite");
		attribute(out, "name", outcome->name);
		buffer_printf(out,
			      " tests=\"%zu\" failures=\"%zu\" "
			      "errors=\"%zu\">\n",
			      outcome->rule_count, failures, errors);
		for (size_t j = 0; j < outcome->rule_count; j++)
			junit_case(outcome, &outcome->rules[j], out);
		buffer_append_string(out, "  </testsuite>\n");
	}
	buffer_append_string(out, "</testsuites>\n");
}
