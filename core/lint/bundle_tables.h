// What the objects of a bundle are found by, and its end: both with several threads.
#pragma once

#include "core/lint/object.h"

namespace ktrain::lint {

// Makes the tables, once all objects are there and stay. The same for any number of threads.
void make_tables(Bundle& bundle, unsigned threads);

// Gives the memory of the bundle back, which holds nothing afterwards: one thread takes as long as for a tenth of the
// checks.
void give_back(Bundle& bundle, unsigned threads);

}  // namespace ktrain::lint
