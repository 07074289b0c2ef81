// The log of a W&B run for `wandb sync`, of an offline run and of what an online one could not send.
#include <doctest/doctest.h>
#include <zlib.h>

#include "core/base/world.h"
#include "tests/support/images.h"
#include "tests/support/wandb_run.h"
#include "trainer/report/wandb_file.h"
#include "trainer/report/wandb_later.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

// The records of a log, checked against their checksums.
std::vector<std::string> records_of(std::string_view log) {
    std::vector<std::string> records;
    REQUIRE(log.substr(0, 7) == wandb_log_header);
    const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(log[at])); };
    for (std::size_t at = 7; at < log.size();) {
        if (32768 - at % 32768 < 7) {
            at += 32768 - at % 32768;
            continue;
        }
        const std::size_t length = byte(at + 4) | byte(at + 5) << 8, type = byte(at + 6);
        REQUIRE(at + 7 + length <= log.size());
        const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(&log[at + 6]), static_cast<uInt>(length + 1));
        CHECK(crc == (byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24));
        if (type == 1 || type == 2) records.emplace_back();
        records.back() += log.substr(at + 7, length);
        at += 7 + length;
    }
    return records;
}

}  // namespace

TEST_CASE("records of a W&B log are cut at the ends of blocks") {
    for (const std::size_t size : {0UL, 1UL, 32748UL, 32749UL, 32754UL, 32755UL, 40000UL, 100000UL}) {
        CAPTURE(size);
        std::string log(wandb_log_header);
        const std::vector<std::string> wanted{"first", std::string(size, 'x'), "last"};
        for (const auto& record : wanted) log += wandb_log_record(std::ssize(log), record);
        CHECK(records_of(log) == wanted);
    }
}

TEST_CASE("an offline run is a folder with a log: header, run, history, summary, exit") {
    const TempFolder folder;
    WandbSettings settings = settings_in(folder / "wandb");
    settings.mode = "offline";
    Json report;
    {
        WandbFile file(settings);
        file.begin({});
        file.take(step_event(7));
        file.take({{"event", "checkpoint"}, {"step", 7}});
        report = file.finish(0);
    }
    CHECK(report["lines"] == 1);
    const std::string path = report["path"];
    CHECK(path.starts_with(folder / "wandb/offline-run-"));
    const auto records = records_of(real_files().read(path + "/run-abc.wandb"));
    REQUIRE(records.size() == 6);
    // The key of the second field of each: header, run, history, summary, exit, footer; two bytes above field 15.
    const std::vector<std::string> keys{"\xAA\x01", "\x8A\x01", "\x12", "\x1A", "\x92\x01", "\xB2\x01"};
    for (std::size_t i = 0; i < records.size(); ++i) {
        CHECK(records[i].substr(0, 2) == std::string{'\x08', static_cast<char>(i + 1)});
        CHECK(records[i].substr(2).starts_with(keys[i]));
        CHECK(records[i].find(key) == std::string::npos);
    }
    CHECK(records[2].find("train/loss\x82\x01\x03"
                          "2.5") != std::string::npos);
}

TEST_CASE("a run that W&B has in part is kept whole under another id") {
    const TempFolder folder;
    write_file(folder / "metrics.jsonl", step_event(1).dump() + "\n" + step_event(2).dump() + "\n");
    const std::string said = keep_for_later(settings_in(folder / "wandb"), {3, true, 0});
    CHECK_MESSAGE(said.ends_with("-abc-whole"), said);
    // Header, run, two lines, summary, exit, footer.
    CHECK(records_of(real_files().read(said.substr(said.rfind(' ') + 1) + "/run-abc-whole.wandb")).size() == 7);
    const std::string without = keep_for_later(settings_in(folder / "elsewhere/wandb"), {3, false, 0});
    CHECK_MESSAGE(without.find("they are in " + (folder / "elsewhere/metrics.jsonl")) != std::string::npos, without);
}
