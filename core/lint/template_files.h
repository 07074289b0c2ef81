// Templates of Helm that were given in place of what they become.
#pragma once

#include "core/lint/object.h"

namespace ktrain::lint {

// Leaves of a file that is a template one problem (KT001) at the first of its actions, and no documents: all else that
// could be said about it is about what nobody sends.
void recognise_template(const Source& source, yaml::Stream& stream);

}  // namespace ktrain::lint
