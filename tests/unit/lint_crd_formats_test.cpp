// The formats of texts in custom resources: what an API server of 1.36 takes for each, of the same texts.
#include <doctest/doctest.h>

#include <array>

#include "core/base/text.h"
#include "core/lint/crd_formats.h"

using namespace ktrain;

namespace {

constexpr std::array<std::string_view, 47> texts{"507f1f77bcf86cd799439011",
                                                 "http://a.b/c",
                                                 "a@b.c",
                                                 "a.bc",
                                                 "1.2.3.4",
                                                 "01.2.3.4",
                                                 "::1",
                                                 "::ffff:1.2.3.4",
                                                 "10.0.0.1/8",
                                                 "10.0.0.0/33",
                                                 "fd00::1/64",
                                                 "00:11:22:33:44:55",
                                                 "0011.2233.4455",
                                                 "00-11-22-33-44",
                                                 "550e8400-e29b-41d4-a716-446655440000",
                                                 "6ba7b810-9dad-31d1-80b4-00c04fd430c8",
                                                 "978-3-16-148410-0",
                                                 "978-3-16-148410-1",
                                                 "3-16-148410-X",
                                                 "4111111111111111",
                                                 "4111111111111112",
                                                 "111-11-1111",
                                                 "#fff",
                                                 "#FFFFFFF",
                                                 "rgb(1, 2,3)",
                                                 "rgb(1,2,256)",
                                                 "aGk=",
                                                 "aGk",
                                                 "2024-01-01",
                                                 "2023-02-29",
                                                 "1h",
                                                 "30M",
                                                 "1 day",
                                                 "P1D",
                                                 "3w",
                                                 "2024-01-01t00:00:00z",
                                                 "2024-01-01T00:00:00.5+01:00",
                                                 "2024-01-01T00:00:00+0100",
                                                 "2024-01-01T24:00:00Z",
                                                 "a-b",
                                                 "a-b-c",
                                                 "A_B",
                                                 "",
                                                 "x y",
                                                 "Name <a@b.c> (mail)",
                                                 "a..b@c",
                                                 "/path"};

// What is taken, by number of `texts`.
std::string taken(std::string_view format) {
    const lint::CrdFormat* found = lint::crd_format(format);
    if (found == nullptr) return "any";
    std::vector<std::string> good;
    for (const std::string_view text : texts)
        if (lint::holds(*found, text)) good.emplace_back(text);
    return join(good, " | ");
}

}  // namespace

TEST_CASE("an API server takes texts of a format, and no others") {
    struct Row {
        std::string_view format, good;
    };
    constexpr std::array rows{
        Row{"bsonobjectid", "507f1f77bcf86cd799439011"},
        Row{"byte", "507f1f77bcf86cd799439011 | 4111111111111111 | 4111111111111112 | aGk="},
        Row{"cidr", "10.0.0.1/8 | fd00::1/64"},
        Row{"creditcard", "4111111111111111"},
        Row{"date", "2024-01-01"},
        Row{"date-time", "2024-01-01t00:00:00z | 2024-01-01T00:00:00.5+01:00"},
        Row{"duration",
            "550e8400-e29b-41d4-a716-446655440000 | 6ba7b810-9dad-31d1-80b4-00c04fd430c8 | 1h | 30M | 1 day | P1D | "
            "3w"},
        Row{"email", "a@b.c | Name <a@b.c> (mail)"},
        Row{"hexcolor", "#fff"},
        Row{"hostname",
            "507f1f77bcf86cd799439011 | a.bc | 4111111111111111 | 4111111111111112 | aGk= | aGk | 1h | 30M | P1D | 3w "
            "| a-b"},
        Row{"ipv4", "1.2.3.4 | 01.2.3.4 | ::ffff:1.2.3.4"},
        Row{"ipv6", "::1 | ::ffff:1.2.3.4"},
        Row{"isbn", "978-3-16-148410-0 | 3-16-148410-X"},
        Row{"isbn10", "3-16-148410-X"},
        Row{"isbn13", "978-3-16-148410-0"},
        Row{"k8s-short-name",
            "507f1f77bcf86cd799439011 | 00-11-22-33-44 | 550e8400-e29b-41d4-a716-446655440000 | "
            "6ba7b810-9dad-31d1-80b4-00c04fd430c8 | 978-3-16-148410-0 | 978-3-16-148410-1 | 4111111111111111 | "
            "4111111111111112 | 111-11-1111 | 2024-01-01 | "
            "2023-02-29 | 1h | 3w | a-b | a-b-c"},
        Row{"mac", "00:11:22:33:44:55 | 0011.2233.4455 | 4111111111111111 | 4111111111111112"},
        Row{"password", "any"},
        Row{"rgbcolor", "rgb(1, 2,3)"},
        Row{"ssn", "111-11-1111"},
        Row{"uri", "http://a.b/c | fd00::1/64 | /path"},
        Row{"uuid", "550e8400-e29b-41d4-a716-446655440000 | 6ba7b810-9dad-31d1-80b4-00c04fd430c8"},
        Row{"uuid3", "6ba7b810-9dad-31d1-80b4-00c04fd430c8"},
        Row{"uuid4", "550e8400-e29b-41d4-a716-446655440000"},
        Row{"uuid5", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.format);
        CHECK(taken(row.format) == row.good);
    }
}

TEST_CASE("formats are known with and without their dashes, and others say nothing") {
    CHECK(lint::crd_format("datetime") == lint::crd_format("date-time"));
    CHECK(lint::crd_format("k8slongname") == lint::crd_format("k8s-long-name"));
    CHECK(lint::crd_format("dns-label") == nullptr);
    CHECK(lint::crd_format("") == nullptr);
}
