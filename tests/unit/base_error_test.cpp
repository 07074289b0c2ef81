// The names of error kinds, as they cross the border of the trainer module.
#include <doctest/doctest.h>

#include "core/base/error.h"

using namespace ktrain;

TEST_CASE("every kind of error has a name that names it alone") {
    for (int i = 0; i <= static_cast<int>(ErrorKind::bug); ++i) {
        const auto kind = static_cast<ErrorKind>(i);
        CAPTURE(name_of(kind));
        CHECK(error_kind(name_of(kind)) == kind);
    }
    CHECK(name_of(ErrorKind::not_found) == "not_found");
    CHECK(error_kind("of another release") == ErrorKind::failed);
}
