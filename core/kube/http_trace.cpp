// Tells of each request to a server as it ends, for who wants to see them.
#include "core/kube/http_trace.h"

#include <fmt/format.h>

#include <map>

#include "core/base/text.h"
#include "core/kube/retry.h"

namespace ktrain::kube {
namespace {

using Time = std::chrono::steady_clock::time_point;

class TracedHttp final : public Http {
public:
    TracedHttp(std::unique_ptr<Http> http, Clock& clock, std::function<void(const std::string&)> tell)
        : http_(std::move(http)), clock_(clock), tell_(std::move(tell)) {}

    HttpReply send(const HttpRequest& request) override {
        const Time from = clock_.steady();
        HttpReply reply = http_->send(request);
        say(request, reply, from);
        return reply;
    }

    std::vector<HttpReply> send_all(const std::vector<HttpRequest>& requests) override {
        const Time from = clock_.steady();
        std::vector<HttpReply> replies = http_->send_all(requests);
        const std::string beside = requests.size() > 1 ? fmt::format(", the last of {} at once", requests.size()) : "";
        for (std::size_t i = 0; i < requests.size(); ++i) say(requests[i], replies.at(i), from, beside);
        return replies;
    }

    StreamId open(const HttpRequest& request, StreamHandler& handler) override {
        auto told = std::make_unique<Stream>(*this, request, handler);
        Stream& stream = *told;
        stream.id = http_->open(request, stream);
        streams_[stream.id] = std::move(told);
        return stream.id;
    }

    void close(StreamId stream) override {
        http_->close(stream);
        streams_.erase(stream);
    }
    void turn(std::chrono::milliseconds patience) override { http_->turn(patience); }
    void use_certificate(const std::string& certificate, const std::string& key) override {
        http_->use_certificate(certificate, key);
    }
    void use_authority(const std::string& pem) override { http_->use_authority(pem); }

private:
    // Told of when its head comes, else when it ends: its body may never.
    struct Stream final : StreamHandler {
        Stream(TracedHttp& http, HttpRequest asked, StreamHandler& listener)
            : owner(http), request(std::move(asked)), handler(listener), from(http.clock_.steady()) {
            request.headers.clear();
        }
        void on_open(const HttpReply& head) override {
            opened = true;
            owner.tell_(fmt::format("{}: open in {} ms", owner.name(request), owner.since(from)));
            handler.on_open(head);
        }
        void on_data(std::string_view piece) override { handler.on_data(piece); }
        void on_end(const HttpReply& reply) override {
            if (!opened) owner.say(request, reply, from);
            const auto self = owner.streams_.extract(id);  // until the handler has returned, whatever it does
            handler.on_end(reply);
        }

        TracedHttp& owner;
        HttpRequest request;
        StreamHandler& handler;
        Time from;
        StreamId id = 0;
        bool opened = false;
    };

    static std::string name(const HttpRequest& request) { return printable(request.method + " " + request.path); }
    std::int64_t since(Time from) const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - from).count();
    }
    void say(const HttpRequest& request, const HttpReply& reply, Time from, const std::string& beside = "") const {
        const std::string end = reply.trouble == Trouble::none ? std::to_string(reply.status)
                                : reply.reason.empty()         ? "no reply"
                                                               : printable(reply.reason);
        tell_(fmt::format("{}: {} in {} ms{}{}", name(request), end, since(from), beside, rules_of(reply)));
    }

    std::unique_ptr<Http> http_;
    Clock& clock_;
    std::function<void(const std::string&)> tell_;
    std::map<StreamId, std::unique_ptr<Stream>> streams_;
};

}  // namespace

std::unique_ptr<Http> make_traced(std::unique_ptr<Http> http, Clock& clock,
                                  std::function<void(const std::string&)> tell) {
    return std::make_unique<TracedHttp>(std::move(http), clock, std::move(tell));
}

}  // namespace ktrain::kube
