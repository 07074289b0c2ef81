// Fuzzes the splitter of streams, with logs: chunks are taken apart by libcurl, what they bring is cut anywhere. The
// first byte says how; the same lines come of it however the bytes are cut.
#include "core/base/error.h"
#include "core/kube/log_stream.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/scripted_cluster.h"

using namespace ktrain;
using namespace ktrain::kube;

namespace {

struct Lines final : LogSink {
    std::string text;
    void line(const LogLine& line) override {
        fuzz::expect(line.text.find('\n') == std::string::npos, "a line has one end");
        text += std::string(line.text) + "\n";
    }
    void restarted() override { text += "restarted\n"; }
    void interrupted() override {}
};

// The lines of a log that comes `size` bytes at a time, is broken off, and comes once more.
std::string told(std::string_view log, std::size_t size) {
    fuzz::ScriptedCluster cluster;
    Lines lines;
    LogStream stream(cluster.client, "team", "cnn-0", "trainer", {.follow = true}, lines);
    HttpReply lost;
    lost.trouble = Trouble::lost;
    for (int i = 0; i < 2; ++i) {
        stream.step({});
        cluster.http.bring(log, size);
        cluster.http.finish(lost);
        cluster.clock.passed += std::chrono::minutes(1);
    }
    return lines.text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view log = fuzz::text_of(data, size).substr(1);
    fuzz::expect(told(log, size) == told(log, data[0] % 32u + 1), "how the bytes are cut changes nothing");
    return 0;
}
