// An Http that lists and watches one kind of objects or more as an API server does, with all its faults, for tests.
#pragma once

#include <fmt/format.h>

#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/kube/http.h"
#include "tests/support/fake_world.h"

namespace ktrain::test {

class FlakyApi final : public kube::Http {
public:
    FlakyApi(FakeClock& clock, unsigned seed) : clock_(clock), random_(seed) {}

    bool calm = true;          // no faults at all
    int faults = 0;            // so far
    double mean_seconds = 30;  // between two faults of a watch

    // Changes of an object of a kind ("jobs"); a null object deletes.
    void put(const std::string& plural, const std::string& name, Json object) {
        ++version_;
        const bool there = objects_[plural].contains(name);
        const std::string type = object.is_null() ? "DELETED" : there ? "MODIFIED" : "ADDED";
        if (object.is_null()) object = objects_[plural][name];
        object["metadata"]["name"] = name;
        object["metadata"]["resourceVersion"] = std::to_string(version_);
        history_.push_back({version_, plural, Json{{"type", type}, {"object", object}}.dump() + "\n"});
        if (type == "DELETED")
            objects_[plural].erase(name);
        else
            objects_[plural][name] = object;
    }

    kube::HttpReply send(const kube::HttpRequest&) override { return {}; }

    kube::StreamId open(const kube::HttpRequest& request, kube::StreamHandler& handler) override {
        Stream stream;
        stream.handler = &handler;
        const std::string path = request.path.substr(0, request.path.find('?'));
        stream.plural = path.substr(path.rfind('/') + 1);
        stream.watch = request.path.find("watch=true") != std::string::npos;
        stream.opened = clock_.passed;
        if (const std::size_t at = request.path.find("&resourceVersion="); at != std::string::npos)
            stream.version = std::stoull(request.path.substr(at + 17));
        streams_[++last_id_] = stream;
        return last_id_;
    }
    void close(kube::StreamId stream) override { streams_.erase(stream); }

    void turn(std::chrono::milliseconds patience) override {
        clock_.passed += patience;
        if (!calm && chance(patience, 3600)) {  // the server restarts
            ++faults;
            down_until_ = clock_.passed + std::chrono::seconds(random_() % 60);
        }
        if (!calm && chance(patience, 600)) forgotten_ = version_;  // compaction
        std::vector<kube::StreamId> ids;
        for (const auto& [id, stream] : streams_) ids.push_back(id);
        for (const auto id : ids)
            if (streams_.contains(id)) serve(id, patience);
    }
    void use_certificate(const std::string&, const std::string&) override {}
    void use_authority(const std::string&) override {}

private:
    struct Change {
        std::uint64_t version;
        std::string plural, bytes;
    };
    struct Stream {
        kube::StreamHandler* handler = nullptr;
        std::string plural;
        bool watch = false, told = false, silent = false;
        std::uint64_t version = 0;
        std::chrono::milliseconds opened{0};
    };

    // Whether what happens once in `mean` seconds happens now.
    bool chance(std::chrono::milliseconds time, double mean) {
        return std::uniform_real_distribution<>(0, 1)(random_) < static_cast<double>(time.count()) / 1000 / mean;
    }

    void finish(kube::StreamId id, int status, kube::Trouble trouble) {
        kube::StreamHandler& handler = *streams_[id].handler;
        streams_.erase(id);
        kube::HttpReply reply;
        reply.status = status;
        reply.trouble = trouble;
        if (status >= 400) reply.body = fmt::format(R"({{"kind":"Status","code":{},"message":"as scripted"}})", status);
        if (status == 429) reply.headers = {{"retry-after", std::to_string(1 + random_() % 3)}};
        handler.on_end(reply);
    }

    void serve(kube::StreamId id, std::chrono::milliseconds time) {
        if (clock_.passed < down_until_)
            return finish(id, 0, streams_[id].told ? kube::Trouble::lost : kube::Trouble::connect);
        if (!streams_[id].told && !calm && random_() % 5 == 0) {
            ++faults;
            constexpr std::array<int, 5> answers{429, 500, 503, 504, 0};
            const int answer = answers[random_() % answers.size()];
            return finish(id, answer, answer == 0 ? kube::Trouble::lost : kube::Trouble::none);
        }
        if (streams_[id].watch)
            watch(id, time);
        else
            list(id);
    }

    void list(kube::StreamId id) {
        kube::StreamHandler& handler = *streams_[id].handler;
        static const std::map<std::string, std::string> kinds{
            {"jobs", "JobList"}, {"pods", "PodList"}, {"events", "EventList"}};
        Json items = Json::array();
        for (const auto& [name, object] : objects_[streams_[id].plural]) items.push_back(object);
        const std::string body = Json{
            {"kind", kinds.at(streams_[id].plural)},
            {"metadata", {{"resourceVersion", std::to_string(std::max<std::uint64_t>(version_, 1))}}},
            {"items", items}}.dump();
        handler.on_open({});
        handler.on_data(body);
        finish(id, 200, kube::Trouble::none);
    }

    void watch(kube::StreamId id, std::chrono::milliseconds time) {
        Stream& stream = streams_[id];
        kube::StreamHandler& handler = *stream.handler;
        if (!stream.told && stream.version < forgotten_) {  // 410, in either form
            ++faults;
            if (random_() % 2 == 0) return finish(id, 410, kube::Trouble::none);
            handler.on_open({});
            handler.on_data(R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}})"
                            "\n");
            return;  // the client closes
        }
        if (!std::exchange(stream.told, true)) handler.on_open({});
        if (stream.silent) return;
        std::string bytes;
        for (const Change& change : history_)
            if (change.version > stream.version && change.plural == stream.plural) bytes += change.bytes;
        stream.version = std::max(stream.version, version_);
        const bool broken = !calm && chance(time, mean_seconds);
        if (broken) bytes = bytes.substr(0, random_() % (bytes.size() + 1));
        if (!bytes.empty()) handler.on_data(bytes);
        if (!streams_.contains(id)) return;
        if (broken) {
            ++faults;
            const auto kind = random_() % 20;
            if (kind == 0) {
                streams_[id].silent = true;  // the line is dead and nobody says so
                return;
            }
            return finish(id, 200, kind < 10 ? kube::Trouble::lost : kube::Trouble::none);
        }
        if (!calm && random_() % 60 == 0)
            handler.on_data(fmt::format(R"({{"type":"BOOKMARK","object":{{"metadata":{{"resourceVersion":"{}"}}}}}})"
                                        "\n",
                                        version_));
        if (streams_.contains(id) && clock_.passed - streams_[id].opened > std::chrono::minutes(8))
            finish(id, 200, kube::Trouble::none);
    }

    FakeClock& clock_;
    std::minstd_rand random_;
    std::uint64_t version_ = 1, forgotten_ = 0;
    std::map<std::string, std::map<std::string, Json>> objects_;  // by plural and name
    std::vector<Change> history_;
    std::chrono::milliseconds down_until_{0};
    std::map<kube::StreamId, Stream> streams_;
    kube::StreamId last_id_ = 0;
};

}  // namespace ktrain::test
