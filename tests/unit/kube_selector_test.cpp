// Label selectors: those that kubectl takes, and what it says of others.
#include <doctest/doctest.h>

#include <string>

#include "core/base/error.h"
#include "core/kube/selector.h"

using namespace ktrain;
using namespace ktrain::kube;

TEST_CASE("selector: what kubectl takes is taken") {
    for (const char* good :
         {"", "a", "!a", "a=b", "a==b", "a != b", "a=", "a,b", "team=vision,tier!=test", "a in (b)", "a in (b, c),!d",
          "a notin (b,)", "x in (,)", "n>3", "n < 4", "n>-1", "example.org/a=b", "a in ()"})
        CHECK_NOTHROW_MESSAGE(check_selector(good), good);
}

TEST_CASE("selector: what is none is named, in kubectl's words") {
    for (const auto& [bad, why] :
         {std::pair{"a in (b", "unable to parse requirement: found '', expected: ',' or ')'"},
          {"a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"},
          {"a=b c", "found 'c', expected: ',' or 'end of string'"},
          {"a,", "found '', expected: identifier after ','"},
          {"=a", "found '=', expected: !, identifier, or 'end of string'"},
          {"a in b", "unable to parse requirement: found 'b', expected: '('"},
          {"a=b=c", "found '=', expected: ',' or 'end of string'"},
          {"a/b/c=d", "unable to parse requirement: \"a/b/c\""},
          {"n>abc", "unable to parse requirement: found 'abc', expected: an integer"},
          {"n<", "unable to parse requirement: found '', expected: an integer"},
          {"a=b/c", "unable to parse requirement: \"b/c\""}}) {
        CAPTURE(bad);
        std::string said;
        try {
            check_selector(bad);
        } catch (const Error& error) {
            said = error.message;
            CHECK(error.kind == ErrorKind::usage);
        }
        CHECK(said.find("the selector \"" + std::string(bad) + "\" is none: " + why) == 0);
    }
}
