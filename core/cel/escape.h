// Names of properties as identifiers of the rule language: "a-b" is a__dash__b, "namespace" is __namespace__.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ktrain::cel {

// Words that no identifier may be.
bool is_reserved(std::string_view word);

// The identifier of a property; nullopt where it has none. Source: apiserver pkg/cel/escaping.go.
std::optional<std::string> escape(std::string_view name);
// The property that an identifier means; nullopt for a sequence that is no escape.
std::optional<std::string> unescape(std::string_view identifier);

}  // namespace ktrain::cel
