// An Http that answers from a script and records what it was asked, for tests.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/kube/http.h"
#include "tests/support/fake_world.h"

namespace ktrain::test {

class FakeHttp final : public kube::Http {
public:
    explicit FakeHttp(FakeClock& clock) : clock_(clock) {}

    std::vector<kube::HttpRequest> requests;
    std::string certificate, authority;
    std::function<void(std::size_t)> on_request;  // gets the number of the request, from 1

    // The next reply to requests whose "METHOD path" begins with `prefix`; the last one of a prefix is given again and
    // again. Longer prefixes win. Without a body it is what an API server sends: an empty object, or a Status. Objects
    // without a "kind" get the one that the path asks for ("kind":null keeps it out).
    void reply(const std::string& prefix, int status, const std::optional<std::string>& body = {},
               kube::Headers headers = {}) {
        kube::HttpReply out;
        out.status = status;
        out.body = body.value_or(status < 300 ? "{}" : Json{{"kind", "Status"}, {"code", status}}.dump());
        out.headers = std::move(headers);
        replies_[prefix].push_back({out, {}});
    }
    void trouble(const std::string& prefix, kube::Trouble trouble) {
        kube::HttpReply out;
        out.trouble = trouble;
        out.reason = "as scripted";
        replies_[prefix].push_back({out, {}});
    }
    // A stream: these pieces, then its end, or none with `stays_open`.
    void stream(const std::string& prefix, std::vector<std::string> pieces, kube::Trouble end = kube::Trouble::none,
                bool stays_open = false) {
        kube::HttpReply out;
        out.status = 200;
        out.trouble = end;
        replies_[prefix].push_back({out, std::move(pieces), stays_open});
    }

    // As the real one: a stop signal cuts off what does not insist on its answer.
    kube::HttpReply send(const kube::HttpRequest& request) override {
        kube::HttpReply reply = next(request).reply;
        if (clock_.stop_signal() == 0 || request.uninterruptible) return reply;
        kube::HttpReply stopped;
        stopped.trouble = kube::Trouble::stopped;
        return stopped;
    }

    kube::StreamId open(const kube::HttpRequest& request, kube::StreamHandler& handler) override {
        streams_[++last_id_] = {next(request), &handler, false};
        return last_id_;
    }
    void close(kube::StreamId stream) override { streams_.erase(stream); }

    void turn(std::chrono::milliseconds patience) override {
        bool any = false;
        std::vector<kube::StreamId> ids;
        for (const auto& [id, stream] : streams_) ids.push_back(id);
        for (const auto id : ids) {
            auto found = streams_.find(id);
            if (found == streams_.end()) continue;
            kube::StreamHandler& handler = *found->second.handler;
            const Scripted script = found->second.script;
            found->second.script.pieces.clear();
            const bool good = script.reply.status >= 200 && script.reply.status < 300;
            if (good && !std::exchange(found->second.opened, true)) {
                any = true;
                handler.on_open(script.reply);
                if (!script.reply.body.empty() && streams_.contains(id)) handler.on_data(script.reply.body);
            }
            for (const auto& piece : script.pieces)
                if (streams_.contains(id)) handler.on_data(piece);
            any = any || !script.pieces.empty();
            if (script.stays_open || !streams_.contains(id)) continue;
            any = true;
            streams_.erase(id);
            kube::HttpReply end = script.reply;
            if (good) end.body.clear();  // it was delivered
            handler.on_end(end);
        }
        if (!any) clock_.passed += patience;
    }
    void use_certificate(const std::string& pem, const std::string&) override { certificate = pem; }
    void use_authority(const std::string& pem) override { authority = pem; }

    // "METHOD path" of every request, without the queries.
    std::vector<std::string> log() const {
        std::vector<std::string> out;
        for (const auto& request : requests)
            out.push_back(request.method + " " + request.path.substr(0, request.path.find('?')));
        return out;
    }

private:
    struct Scripted {
        kube::HttpReply reply;
        std::vector<std::string> pieces;
        bool stays_open = false;
    };
    struct Stream {
        Scripted script;
        kube::StreamHandler* handler = nullptr;
        bool opened = false;
    };

    Scripted next(const kube::HttpRequest& request) {
        requests.push_back(request);
        if (on_request) on_request(requests.size());
        const std::string key = request.method + " " + request.path;
        std::deque<Scripted>* best = nullptr;
        std::size_t length = 0;
        for (auto& [prefix, scripted] : replies_) {
            if (!key.starts_with(prefix) || prefix.size() < length) continue;
            best = &scripted;
            length = prefix.size();
        }
        if (best == nullptr) {
            kube::HttpReply missing;
            missing.status = 404;
            missing.body = R"({"kind":"Status","message":"not scripted","code":404})";
            return {missing, {}};
        }
        Scripted out = best->front();
        if (best->size() > 1) best->pop_front();
        if (out.reply.status < 300) out.reply.body = with_kind(request, out.reply.body);
        return out;
    }

    static std::string with_kind(const kube::HttpRequest& request, const std::string& body) {
        Json object = Json::parse(body, nullptr, false);
        if (!object.is_object() || object.contains("kind")) return body;
        static const std::map<std::string, std::string> kinds{{"configmaps", "ConfigMap"},
                                                              {"events", "Event"},
                                                              {"jobs", "Job"},
                                                              {"namespaces", "Namespace"},
                                                              {"persistentvolumeclaims", "PersistentVolumeClaim"},
                                                              {"pods", "Pod"},
                                                              {"resourcequotas", "ResourceQuota"},
                                                              {"secrets", "Secret"},
                                                              {"serviceaccounts", "ServiceAccount"},
                                                              {"services", "Service"}};
        // /api/v1/[namespaces/NS/]PLURAL[/NAME], /apis/GROUP/v1/...
        std::vector<std::string> parts = split(request.path.substr(0, request.path.find('?')), '/');
        parts.erase(parts.begin(), parts.begin() + std::min<long>(std::ssize(parts), parts.at(1) == "api" ? 3 : 4));
        if (parts.size() > 2 && parts[0] == "namespaces") parts.erase(parts.begin(), parts.begin() + 2);
        const auto kind = parts.empty() ? kinds.end() : kinds.find(parts[0]);
        if (kind == kinds.end()) return body;
        const bool list = request.method == "GET" && parts.size() == 1;
        object["kind"] = kind->second + (list ? "List" : "");
        return object.dump();
    }

    FakeClock& clock_;
    std::map<std::string, std::deque<Scripted>> replies_;
    std::map<kube::StreamId, Stream> streams_;
    kube::StreamId last_id_ = 0;
};

}  // namespace ktrain::test
