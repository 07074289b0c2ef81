// Checksums of checkpoints: their values, and files that are told from damaged ones by either of them.
#include <doctest/doctest.h>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "tests/support/images.h"
#include "trainer/data/checksum.h"
#include "trainer/state/checkpoint.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

std::string checksum_of(std::string_view name, std::string_view data) {
    Checksum whole(name), parts(name);
    whole.add(data);
    parts.add(data.substr(0, data.size() / 3));
    parts.add(data.substr(data.size() / 3));
    std::string text = whole.hex();
    CHECK(parts.hex() == text);
    return text;
}

}  // namespace

TEST_CASE("checksums are those of xxh128sum and sha256sum") {
    CHECK(checksum_of("xxh128", "") == "99aa06d3014798d86001c324468d497f");
    CHECK(checksum_of("xxh128", "abc") == "06b05ab6733a618578af5f94892f3950");
    CHECK(checksum_of("xxh128", std::string(1000, 'a')) == "b01da365eddaa29cb3e7af627147db7c");
    CHECK(checksum_of("sha256", "abc") == sha256("abc"));
    CHECK_THROWS_AS(Checksum("crc32"), Error);
}

TEST_CASE("a checkpoint is believed while its checksums agree, those of older ones too") {
    const TempFolder folder;
    Checkpoints checkpoints(real_files(), folder / "out");
    const std::string path = checkpoints.save(1, {{"a.bin", "content"}}, {});
    const std::string manifest = real_files().read(path + "/manifest.json");
    CHECK(Json::parse(manifest)["files"]["a.bin"] == Json({{"size", 7}, {"xxh128", checksum_of("xxh128", "content")}}));
    CHECK(checkpoints.problem(path) == "");

    Json older = Json::parse(manifest);
    older["files"]["a.bin"] = {{"size", 7}, {"sha256", sha256("content")}};
    real_files().write(path + "/manifest.json", older.dump());
    CHECK(checkpoints.problem(path) == "");

    real_files().write(path + "/a.bin", "kontent");
    CHECK(checkpoints.problem(path).find("damaged") != std::string::npos);
    real_files().write(path + "/manifest.json", manifest);
    CHECK(checkpoints.problem(path).find("damaged") != std::string::npos);
    for (const char* record : {"{\"size\": 7}", "7", "{\"size\": 7, \"xxh128\": 5}"}) {
        Json strange = Json::parse(manifest);
        strange["files"]["a.bin"] = Json::parse(record);
        real_files().write(path + "/manifest.json", strange.dump());
        CHECK(checkpoints.problem(path) != "");
    }
}
