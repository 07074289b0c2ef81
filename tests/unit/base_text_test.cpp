// Words, UTF-8, bytes and durations.
#include <doctest/doctest.h>

#include <array>

#include "core/base/article.h"
#include "core/base/go_number.h"
#include "core/base/name_words.h"
#include "core/base/text.h"

using namespace ktrain;

TEST_CASE("nearest finds typos and refuses guesses") {
    const std::vector<std::string> words{"learning_rate", "lr_scheduler_type", "seed", "r"};
    CHECK(nearest("learnin_rate", words) == "learning_rate");
    CHECK(nearest("laerning_rate", words) == "learning_rate");  // a swap of neighbours is one step
    CHECK(nearest("sed", words) == "seed");
    CHECK(nearest("x", words) == "");
    CHECK(nearest("completely_other", words) == "");
    CHECK(nearest(std::string(100000, 'a'), words) == "");
    CHECK(nearest("", words) == "");
    CHECK(nearest("a100", std::vector<std::string>{"a10", "a100-40gb"}) == "a100-40gb");
}

TEST_CASE("split and join are inverse") {
    for (const std::string text : {"", "a", "a,b", ",", "a,,b,"}) CHECK(join(split(text, ','), ",") == text);
    CHECK(trim(" \t a b \r\n") == "a b");
    CHECK(trim("  ") == "");
}

TEST_CASE("a long name is cut between characters") {
    CHECK(brief("king", 4) == "king");
    CHECK(brief("kings", 4) == "kin…");
    CHECK(brief("模型模型", 4) == "模型模型");
    CHECK(brief("模型模型模", 4) == "模型模…");
    CHECK(brief("\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 2) == "\xF0\x9F\x98\x80…");
    CHECK(brief(std::string(1000, '\x1b'), 2) == "\uFFFD…");
    CHECK(brief(std::string(41, 'a')) == std::string(39, 'a') + "…");
    CHECK(brief("", 4) == "");
}

TEST_CASE("printable disarms terminals and keeps text") {
    CHECK(printable("模型 ok") == "模型 ok");
    CHECK(printable("a\x1b[31mb") == "a\uFFFD[31mb");
    CHECK(printable("a\nb") == "a\uFFFDb");
    CHECK(printable("a\nb", true) == "a\nb");
    CHECK(printable("\xC2\x9B"
                    "2J") == "\uFFFD2J");  // C1 control: a terminal reads it as ESC [
    CHECK(printable("\xff\xfe") == "\uFFFD\uFFFD");
}

TEST_CASE("UTF-8 is checked as the standard defines it") {
    CHECK(valid_utf8("é漢🙂"));
    CHECK_FALSE(valid_utf8("\xC0\x80"));          // overlong NUL
    CHECK_FALSE(valid_utf8("\xED\xA0\x80"));      // surrogate
    CHECK_FALSE(valid_utf8("\xF4\x90\x80\x80"));  // beyond U+10FFFF
    CHECK_FALSE(valid_utf8("\xE6\xBC"));          // truncated
}

TEST_CASE("bytes and counts print three digits") {
    CHECK(human_bytes(0) == "0 B");
    CHECK(human_bytes(999) == "999 B");
    CHECK(human_bytes(13'476'831'232) == "13.5 GB");
    CHECK(human_bytes(999'999) == "1.00 MB");
    CHECK(human_gib(1ull << 30) == "1.00 GiB");
    CHECK(human_count(6'738'415'616) == "6.74B");
    CHECK(human_count(94'410) == "94.4K");
}

TEST_CASE("durations are read as kubectl users write them") {
    using std::chrono::seconds;
    const std::array<std::pair<const char*, long>, 8> good{{{"90", 90},
                                                            {"90s", 90},
                                                            {"5m", 300},
                                                            {"1h30m", 5400},
                                                            {"48h", 172800},
                                                            {"2d", 172800},
                                                            {"0", 0},
                                                            {"1d2h3m4s", 93784}}};
    for (const auto& [text, value] : good) {
        CAPTURE(text);
        REQUIRE(parse_duration(text).has_value());
        CHECK(*parse_duration(text) == seconds(value));
    }
    for (const char* text : {"", "s", "5x", "-5s", "1m1h", "5m5", "1.5h", " 5m", "99999999999999999999d"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text).has_value());
    }
    CHECK(human_duration(seconds(45)) == "45s");
    CHECK(human_duration(seconds(200)) == "3m20s");
    CHECK(human_duration(seconds(7500)) == "2h05m");
    CHECK(human_duration(seconds(273600)) == "3d04h");
}

TEST_CASE("the contrary of a word is not near to it") {
    const std::vector<std::string> names{"privileged",
                                         "allowPrivilegeEscalation",
                                         "runAsNonRoot",
                                         "hostNetwork",
                                         "enableServiceLinks",
                                         "suspend",
                                         "allowVolumeExpansion",
                                         "maxUnavailable",
                                         "matchLabels",
                                         "NoSchedule",
                                         "Exists",
                                         "Replace",
                                         "ReadOnlyMany",
                                         "readOnlyRootFilesystem",
                                         "Ignore",
                                         "backoffLimit",
                                         "disable",
                                         "skip",
                                         "automountServiceAccountToken"};
    for (const char* contrary :
         {"unprivileged", "noPrivileged", "notPrivileged", "disallowPrivilegeEscalation", "denyPrivilegeEscalation",
          "runAsRoot", "noHostNetwork", "disableServiceLinks", "unsuspend", "disallowVolumeExpansion", "minUnavailable",
          "notMatchLabels", "Schedule", "NotExists", "NoReplace", "ReadOnlyOnce", "readWriteRootFilesystem",
          "NotIgnore", "disableAutomountServiceAccountToken"})
        CHECK_MESSAGE(nearest(contrary, names).empty(), contrary, " ", nearest(contrary, names));
    for (const auto& [word, meant] :
         std::vector<std::pair<std::string, std::string>>{{"priviledged", "privileged"},
                                                          {"hostNetworks", "hostNetwork"},
                                                          {"backofLimit", "backoffLimit"},
                                                          {"Noschedule", "NoSchedule"},
                                                          {"noSchedul", "NoSchedule"},
                                                          {"maxUnavailble", "maxUnavailable"},
                                                          {"runAsNonroot", "runAsNonRoot"},
                                                          {"disabl", "disable"},
                                                          {"skp", "skip"}})
        CHECK(nearest(word, names) == meant);
}

TEST_CASE("names fall into words at joints and humps, those with a number in them, too") {
    struct Case {
        const char* name;
        std::vector<std::string> words;
        bool humps;
    };
    const Case cases[] = {
        {"runAsNonRoot", {"run", "as", "non", "root"}, true},
        {"max_unavailable", {"max", "unavailable"}, false},
        {"--hf-token", {"hf", "token"}, false},
        {"spec.replicas", {"spec", "replicas"}, false},
        {"K8S_WANDB_KEY", {"k8", "s", "wandb", "key"}, false},
        {"oauth2Token", {"oauth2", "token"}, false},
        {"HFToken", {"hftoken"}, false},
        {"Token", {"token"}, false},
        {"a__b..c-", {"a", "b", "c"}, false},
        {"-_.", {""}, false},
        {"", {""}, false},
    };
    for (const Case& c : cases) {
        CAPTURE(c.name);
        const NameWords found = name_words(c.name);
        CHECK(found.words == c.words);
        CHECK(found.humps == c.humps);
    }
}

TEST_CASE("numbers are read as programs in Go read them") {
    for (const char* text : {"0", "-5", "+5", "1_000", "0x1F", "0X_1f", "0b1_0", "0o17", "017", "0_1", "00",
                             "9223372036854775807", "-9223372036854775808"}) {
        CAPTURE(text);
        CHECK(is_go_integer(text));
    }
    for (const char* text : {"", "-", "0x", "0b2", "0o8", "08", "1_", "_1", "1__0", "1e5", "1.", "9223372036854775808",
                             "-9223372036854775809", "--5", "1 "}) {
        CAPTURE(text);
        CHECK_FALSE(is_go_integer(text));
    }
    CHECK(is_go_natural("18446744073709551615"));
    for (const char* text : {"18446744073709551616", "+5", "-5", ""}) CHECK_FALSE(is_go_natural(text));
    for (const char* text :
         {"1", "08", ".5", "5.", "1e5", "1_0.5", "1.0_1", "1e1_0", "0x1p-2", "0x.8p1", "1e-999", "-1E+5"}) {
        CAPTURE(text);
        CHECK(is_go_float(text));
    }
    for (const char* text : {"", ".", "1e", "1e+", "1e999", "0x1", "0x1.8", "1._0", "1_.0", "1__0", "1e_1", "0x1p9999",
                             "inf", "nan", "1f", "0b1"}) {
        CAPTURE(text);
        CHECK_FALSE(is_go_float(text));
    }
}

TEST_CASE("what is too small for a float is 0, what is too large is none") {
    const std::string zeros(400, '0');
    for (const std::string& text :
         std::vector<std::string>{"0." + zeros + "1", "1e-999", "1e-99999999999999999999", "0.1e-400",
                                  "0x0." + zeros + "1p5", "0." + zeros + "1e350", zeros + "1e-999"}) {
        CAPTURE(text);
        CHECK(is_go_float(text));
    }
    for (const std::string& text : std::vector<std::string>{"1" + zeros, "1" + zeros + "e-10", "1e99999999999999999999",
                                                            "0x1" + zeros + "p-9", "1" + zeros + ".5"}) {
        CAPTURE(text);
        CHECK_FALSE(is_go_float(text));
    }
}

TEST_CASE("articles are those of a name that is read out") {
    for (const char* text : {"an MPIJob",  "an Event", "an int",   "an APIService", "an HTTPRoute",
                             "an Ingress", "a Job",    "a RayJob", "a TFJob",       "an XGBoostJob",
                             "a URL",      "a User",   "a uint",   "a PVC",         "an A100-SXM4-40GB",
                             "an A10G",    "an H100",  "an L4",    "a T4",          "a V100",
                             "an MI300X",  "an RTX",   "a Gaudi",  "a GH200",       "an 8",
                             "an 80",      "an 11",    "an 18000", "a 110",         "a 1"}) {
        const std::string_view name = std::string_view(text).substr(std::string_view(text).find(' ') + 1);
        CHECK(with_article(name) == text);
    }
}
