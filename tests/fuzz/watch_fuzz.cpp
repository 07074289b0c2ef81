// Fuzzes lists and watches: the first byte says how the bytes are cut, then comes a list, an empty line, and events;
// however they are cut, the same objects are there, and nothing but an Error can come of it.
#include "core/base/error.h"
#include "core/kube/feed.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/scripted_cluster.h"

using namespace ktrain;
using namespace ktrain::kube;

namespace {

// What a feed says after that list and these events, brought `size` bytes at a time.
std::string told(std::string_view list, std::string_view events, std::size_t size) {
    fuzz::ScriptedCluster cluster;
    Feed feed(cluster.client, *built_in_resource("v1", "Pod"), "team", {});
    std::string out;
    HttpReply good;
    good.status = 200;
    try {
        feed.step();
        cluster.http.bring(list, size);
        cluster.http.finish(good);
        cluster.http.bring(events, size);
        cluster.http.finish(good);
        feed.step();
    } catch (const Error& error) {
        fuzz::expect(error.kind != ErrorKind::bug, "an answer is no bug");
        out = error.message;
    }
    fuzz::expect(cluster.http.opened <= 3, "a list of one page, a watch, and perhaps another list");
    for (const auto& [name, object] : feed.objects())
        out += "\n" + name + object.dump(-1, ' ', false, Json::error_handler_t::replace);
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto [list, events] = fuzz::halves(fuzz::text_of(data, size).substr(1), "\n\n");
    const std::size_t cut = data[0] % 32u + 1;
    fuzz::expect(told(list, events, size) == told(list, events, cut), "how the bytes are cut changes nothing");
    return 0;
}
