// A set of objects kept up to date: list once, watch from there, resume after every break, list anew when too far
// behind.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/kube/client.h"

namespace ktrain::kube {

class Feed final : public StreamHandler {
public:
    Feed(KubeClient& client, Resource resource, std::string in_namespace, Selector selector);
    ~Feed() override;
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;

    // Asks for the list or the watch when that is due, and never waits for either; call it between the client's turns.
    // Errors: what trying again cannot cure (denied, input), anything before the first list but a server that is busy,
    // and Error{unreachable} after `patience` without a connection.
    void step();

    // By name, as last seen.
    const std::map<std::string, Json>& objects() const { return objects_; }
    bool listed() const { return listed_; }
    // Whether anything came since the last call.
    bool take_changed() { return std::exchange(changed_, false); }
    // What is wrong with the connection at present, if anything.
    std::optional<Retry> trouble() const;
    // Objects that do not pass are left out, as if they were not there.
    void keep_only(std::function<bool(const Json&)> wanted) { wanted_ = std::move(wanted); }
    void set_patience(std::chrono::seconds patience) { patience_ = patience; }

    void on_open(const HttpReply& head) override;
    void on_data(std::string_view piece) override;
    void on_end(const HttpReply& reply) override;

private:
    using Time = std::chrono::steady_clock::time_point;

    void ask_for_page();
    void take_page(const HttpReply& reply);
    void connect();
    void take_event(std::string_view line);
    void take_error(const Json& status);
    void refuse(const HttpReply& reply, const char* verb);
    void mend();
    std::chrono::milliseconds next_pause();
    void break_off(const Error& error, std::optional<std::chrono::milliseconds> pause);
    void disconnect();

    KubeClient& client_;
    Resource resource_;
    std::string namespace_;
    Selector selector_;
    std::map<std::string, Json> objects_;
    std::string version_;  // to watch from; empty: list first
    std::optional<StreamId> stream_;
    bool listing_ = false;     // the stream is a page of the list
    std::string line_;         // the part of an event, or of a page, that has come
    std::vector<Json> items_;  // of the pages so far
    std::string next_;         // page of the list
    bool paged_ = true;
    bool listed_ = false;
    bool changed_ = false;
    bool renewed_ = false;  // the credentials, since they last worked
    int garbled_ = 0;       // unreadable events in a row
    std::string trouble_;
    int failures_ = 0;  // since it last worked
    std::optional<Error> fatal_;
    std::chrono::milliseconds backoff_{0};  // until an event comes, or a connection has lasted
    std::optional<Time> opened_;
    Time due_{}, deadline_{};        // to ask again; for the stream to have ended by itself
    std::chrono::seconds lasts_{0};  // the watch, as it was asked for
    std::chrono::milliseconds pause_{0};
    Time broken_since_{};
    std::function<bool(const Json&)> wanted_;
    std::chrono::seconds patience_{300};
};

}  // namespace ktrain::kube
