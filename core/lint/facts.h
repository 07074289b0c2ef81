// Checks of what a schema says of values besides their type: closed sets, ranges, lengths, formats, patterns, sets.
#pragma once

#include "core/lint/pattern.h"
#include "core/lint/rule.h"
#include "core/lint/trail.h"

namespace ktrain::lint {

// KT006 and, for numbers out of range, KT004. `crd`: the empty text is a text like others, not an absent one.
void check_facts(Findings& findings, const Trail& at, Type type, Minors minors, bool crd, Patterns& patterns);
// KT004 for a scalar that would be refused in quotes as well, where a text is wanted: says what is wrong with it then.
// False where quotes mend it. `owner`: the type of the object that has the field.
bool check_unquoted(Findings& findings, const Trail& at, Type owner, Type type, Minors minors, bool crd,
                    Patterns& patterns);
// KT008 and KT006: an object of which exactly one field must be there, and none or several are.
void check_union(Findings& findings, const Trail& at, Type type);
// KT018: items of a list that the server takes for the same.
void check_unique(Findings& findings, const Trail& at, Type type);
// Whether the field has to be there: no default fills it in. From here to is_written(): rewritten.cpp
bool is_needed(const EdgeEntry& edge);
// Whether a webhook of its operator writes the object anew before its schema is looked at.
bool is_rewritten(const Object& object);
// Whether it then writes all required fields: types of Kueue leave out those that are empty.
bool writes_all(const Object& object);
// Whether a webhook reads it at least, with its status.
bool is_decoded(const Object& object);
// Whether the server answers it as a question, and keeps no object: it may have any name, or none.
bool is_question(const Object& object);
// Whether the schema takes 0 and the empty text.
bool takes_zero(Type type, Patterns& patterns);
// The path at which the schema refuses what such a webhook writes for a value that is not there; nothing where it takes
// it.
std::optional<std::string> refused_zero(const std::string& path, Type type, Patterns& patterns);
// Whether such a webhook writes a field that is not there.
bool is_written(const EdgeEntry& edge, const Field& field);
// What is wrong with a text of a format ("date-time"), to follow its quotation; "" when it is fine or not known.
// A beginning of names as the server looks at it: with a letter in place of the '-' at its end and what is before it.
std::string as_whole_name(std::string_view prefix);
std::string format_problem(std::string_view format, std::string_view text);
std::string_view format_fix(std::string_view format);
// KT026: what is wrong with a schedule of cron, to follow its quotation; "" for a good one. check_cron.cpp
std::string schedule_problem(std::string_view text);
// The place of a value; of some lists the server names the whole, whichever item is wrong.
Place place_named(const Trail& at);
// The length of a text as schemas count it.
std::size_t characters(std::string_view text);

}  // namespace ktrain::lint
