// Base64 in data of Secrets and ConfigMaps: what is not, and what it was meant for.
#pragma once

#include "core/lint/rule.h"
#include "core/lint/trail.h"

namespace ktrain::lint {

// KT012; KT004 for what is no text.
void check_base64(Findings& findings, const Trail& at);

// Whether something else writes the value before the file is sent: a template, a shell, envsubst, who keeps secrets.
bool is_made_later(std::string_view text);

}  // namespace ktrain::lint
