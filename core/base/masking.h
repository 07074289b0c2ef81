// Takes credentials out of texts of others (logs, messages of servers) before they are shown.
#pragma once

#include <string>
#include <string_view>

namespace ktrain {

// With "***" for what looks like one: values of names such as HF_TOKEN ("token=...", "password: ..."), of flags
// ("--token ..."), behind Bearer and Basic, passwords in addresses, and what begins as tokens of well-known makers do.
// Masking twice changes nothing more.
std::string without_secrets(std::string_view text);

}  // namespace ktrain
