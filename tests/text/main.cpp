// Entry of the tests of trainer/text: the references were made in UTC.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>

int main(int count, char** arguments) {
    ::setenv("TZ", "UTC", 1);
    return doctest::Context(count, arguments).run();
}
