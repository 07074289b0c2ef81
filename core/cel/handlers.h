// The handlers of the table of functions, by the file that has them. Each checks the types of its values itself.
#pragma once

#include "core/cel/functions.h"

namespace ktrain::cel::handlers {

// functions_convert.cpp: conversions and what all types have
Value to_bool(const Call& call);
Value to_bytes(const Call& call);
Value to_double(const Call& call);
Value to_duration(const Call& call);
Value to_dyn(const Call& call);
Value to_int(const Call& call);
Value to_string(const Call& call);
Value to_timestamp(const Call& call);
Value to_uint(const Call& call);
Value no_value(const Call& call);  // of functions that are for compile() alone
Value type_of(const Call& call);
Value size(const Call& call);

// functions_text.cpp: strings
Value char_at(const Call& call);
Value contains_text(const Call& call);
Value ends_with(const Call& call);
Value join(const Call& call);
Value lower_ascii(const Call& call);
Value quote(const Call& call);
Value replace(const Call& call);
Value split(const Call& call);
Value starts_with(const Call& call);
Value substring(const Call& call);
Value trim(const Call& call);
Value upper_ascii(const Call& call);

// functions_regex.cpp
Value find(const Call& call);
Value find_all(const Call& call);
Value matches(const Call& call);

// functions_percent.cpp: "%s".format([...])
Value format_percent(const Call& call);

// functions_list.cpp
Value distinct(const Call& call);
Value first(const Call& call);
Value flatten(const Call& call);
Value index_of(const Call& call);  // of strings, too
Value is_sorted(const Call& call);
Value last(const Call& call);
Value last_index_of(const Call& call);  // of strings, too
Value max(const Call& call);
Value min(const Call& call);
Value range(const Call& call);
Value reverse(const Call& call);
Value slice(const Call& call);
Value sort(const Call& call);
Value sum(const Call& call);

// functions_set.cpp: sets and optional values
Value optional_none(const Call& call);
Value optional_of(const Call& call);
Value optional_of_non_zero(const Call& call);
Value optional_has_value(const Call& call);
Value optional_value(const Call& call);
Value optional_unwrap(const Call& call);
Value sets_contains(const Call& call);
Value sets_equivalent(const Call& call);
Value sets_intersects(const Call& call);

// functions_time.cpp: the parts of timestamps and durations
Value time_part(const Call& call);

// functions_number.cpp: quantities and versions
Value quantity(const Call& call);
Value is_quantity(const Call& call);
Value sign(const Call& call);
Value is_integer(const Call& call);
Value as_integer(const Call& call);
Value as_approximate_float(const Call& call);
Value quantity_add(const Call& call);
Value quantity_sub(const Call& call);
Value semver(const Call& call);
Value is_semver(const Call& call);
Value semver_part(const Call& call);
Value compare_to(const Call& call);  // of quantities and versions, as the next two
Value is_greater_than(const Call& call);
Value is_less_than(const Call& call);

// functions_net.cpp: addresses and networks
Value cidr(const Call& call);
Value is_cidr(const Call& call);
Value contains_ip(const Call& call);
Value contains_cidr(const Call& call);
Value prefix_length(const Call& call);
Value masked(const Call& call);
Value cidr_ip(const Call& call);
Value ip(const Call& call);
Value is_ip(const Call& call);
Value is_canonical(const Call& call);
Value family(const Call& call);
Value ip_is(const Call& call);  // isLoopback and its like

// functions_url.cpp
Value url(const Call& call);
Value is_url(const Call& call);
Value url_part(const Call& call);
Value url_query(const Call& call);

// functions_format.cpp: formats by name
Value format_named(const Call& call);
Value format_constant(const Call& call);  // format.dns1123Label() and its like
Value format_validate(const Call& call);

}  // namespace ktrain::cel::handlers
