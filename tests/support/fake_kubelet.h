// An Http that serves the log of one container as a kubelet does through an API server, with its faults, for tests.
#pragma once

#include <fmt/format.h>

#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/kube/http.h"
#include "core/kube/timestamp.h"
#include "tests/support/fake_world.h"

namespace ktrain::test {

class FakeKubelet final : public kube::Http {
public:
    FakeKubelet(FakeClock& clock, unsigned seed) : clock_(clock), random_(seed) {}

    double cut = 0;        // probability of the end of a stream in a turn
    double clean_end = 0;  // share of these that look like a good end
    double refuse = 0;     // probability of no connection, of a 500 or a 429, for a request
    std::size_t requests = 0;

    // The container writes a line, stamped up to `late` before now (standard output and error are stamped apart).
    void write(const std::string& text, std::chrono::milliseconds late = {}) {
        const auto time = clock_.now() - late;
        const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
        const std::string stamp = kube::format_time(time);
        run().push_back({nanoseconds / 1'000'000'000,
                         fmt::format("{}.{:09}Z {}\n", stamp.substr(0, 19), nanoseconds % 1'000'000'000, text)});
    }
    // The kubelet serves the new file alone, and may forget those who follow the old one.
    void rotate(bool forgets) {
        kept_.back() = run().size();
        if (!forgets) return;
        for (auto& [id, stream] : streams_) stream.forgotten = true;
    }
    void restart() {
        runs_.emplace_back();
        kept_.push_back(0);
        ended_ = false;
    }
    void end() { ended_ = true; }
    // Whether every stream has been given all that its run has written.
    bool all_delivered() const {
        for (const auto& [id, stream] : streams_)
            if (stream.forgotten || stream.next < runs_[stream.run].size() || !stream.bytes.empty()) return false;
        return !streams_.empty();
    }

    kube::HttpReply send(const kube::HttpRequest&) override { return {}; }

    kube::StreamId open(const kube::HttpRequest& request, kube::StreamHandler& handler) override {
        ++requests;
        const auto has = [&](const char* word) { return request.path.find(word) != std::string::npos; };
        Stream stream;
        stream.handler = &handler;
        stream.run = runs_.size() - 1;
        stream.follow = has("follow=true");
        if (const std::size_t at = request.path.find("&sinceTime="); at != std::string::npos) {
            std::string text = request.path.substr(at + 11);
            for (std::size_t colon; (colon = text.find("%3A")) != std::string::npos;) text.replace(colon, 3, ":");
            stream.since = kube::parse_time(text).value().time_since_epoch() / std::chrono::seconds(1);
        }
        if (chance(refuse)) {
            stream.status = std::array{0, 500, 429}[random_() % 3];
        } else if (has("previous=true")) {
            if (runs_.size() == 1)
                stream.status = 400;
            else
                --stream.run;
        }
        stream.next = stream.run + 1 == runs_.size() ? kept_[stream.run] : 0;
        streams_[++last_id_] = stream;
        return last_id_;
    }
    void close(kube::StreamId stream) override { streams_.erase(stream); }

    void turn(std::chrono::milliseconds patience) override {
        clock_.passed += patience;
        std::vector<kube::StreamId> ids;
        for (const auto& [id, stream] : streams_) ids.push_back(id);
        for (const auto id : ids)
            if (streams_.contains(id)) serve(id);
    }
    void use_certificate(const std::string&, const std::string&) override {}
    void use_authority(const std::string&) override {}

private:
    struct Line {
        std::int64_t second;
        std::string bytes;
    };
    struct Stream {
        kube::StreamHandler* handler = nullptr;
        std::size_t run = 0, next = 0;
        bool follow = false, opened = false, forgotten = false;
        int status = 200;
        std::int64_t since = 0;
        std::string bytes;  // yet to be delivered
    };

    std::vector<Line>& run() { return runs_.back(); }
    bool chance(double probability) { return std::uniform_real_distribution<>(0, 1)(random_) < probability; }

    void finish(kube::StreamId id, int status, kube::Trouble trouble) {
        kube::StreamHandler& handler = *streams_[id].handler;
        streams_.erase(id);
        kube::HttpReply reply;
        reply.status = status;
        reply.trouble = trouble;
        if (status >= 400) reply.body = fmt::format(R"({{"kind":"Status","code":{},"message":"as scripted"}})", status);
        if (status == 429) reply.headers = {{"retry-after", "1"}};
        handler.on_end(reply);
    }

    void serve(kube::StreamId id) {
        Stream& stream = streams_[id];
        if (stream.status != 200)
            return finish(id, stream.status, stream.status == 0 ? kube::Trouble::connect : kube::Trouble::none);
        if (!std::exchange(stream.opened, true)) stream.handler->on_open({});
        const std::vector<Line>& lines = runs_[stream.run];
        for (; !stream.forgotten && stream.next < lines.size(); ++stream.next)
            if (lines[stream.next].second >= stream.since) stream.bytes += lines[stream.next].bytes;
        const bool broken = chance(cut);
        std::string piece = stream.bytes.substr(0, broken ? random_() % (stream.bytes.size() + 1) : std::string::npos);
        stream.bytes.erase(0, piece.size());
        const std::size_t middle = random_() % (piece.size() + 1);  // cut anywhere
        for (const std::string& part : {piece.substr(0, middle), piece.substr(middle)})
            if (!part.empty() && streams_.contains(id)) streams_[id].handler->on_data(part);
        if (!streams_.contains(id)) return;
        if (broken)
            return finish(id, 200, stream.follow && chance(clean_end) ? kube::Trouble::none : kube::Trouble::lost);
        const bool over = stream.run + 1 < runs_.size() || ended_;
        if (!stream.follow || (over && !stream.forgotten)) finish(id, 200, kube::Trouble::none);
    }

    FakeClock& clock_;
    std::minstd_rand random_;
    std::vector<std::vector<Line>> runs_{1};  // of the container
    std::vector<std::size_t> kept_{0};        // lines of a run that a rotation has put away
    bool ended_ = false;
    std::map<kube::StreamId, Stream> streams_;
    kube::StreamId last_id_ = 0;
};

}  // namespace ktrain::test
