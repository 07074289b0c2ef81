// A whole command against a server with real sockets, for tests of what a person sees and of interruptions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/app.h"
#include "core/base/base64.h"
#include "core/base/json.h"
#include "tests/support/fake_server.h"
#include "tests/support/worlds.h"

namespace ktrain::test {

// The real time, and a stop signal as soon as `when` holds.
class StopClock final : public Clock {
public:
    std::function<bool()> when = [] { return false; };
    int signal = 2;

    std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::now(); }
    std::chrono::steady_clock::time_point steady() const override { return std::chrono::steady_clock::now(); }
    bool sleep(std::chrono::milliseconds) override { return stop_signal() == 0; }
    int stop_signal() const override { return when() ? signal : 0; }
};

struct ClusterWorld {
    FakeServer server;
    StopClock clock;
    MemoryOutput out, err;
    MemoryInput in;
    MemoryEnv env;
    MemoryFiles files;
    term::Session session{out, err, in, env, clock, files};

    ClusterWorld() {
        configure("", "");
        serve_kinds("[]");
    }
    // Over TLS, where credentials are sent; `user` is what the kubeconfig says of the user, as YAML in one line.
    ClusterWorld(const Certificate& certificate, const std::string& user) : server(certificate, false) {
        configure(", certificate-authority-data: " + base64_encode(certificate.pem), user);
    }
    // What lists and watches of a kind ("jobs") give, the watch an event a line; it stays open unless it `breaks`.
    void serve(const std::string& plural, const Json& items, const std::string& events = "", bool breaks = false) {
        const std::string path =
            "GET /" + std::string(plural == "jobs" ? "apis/batch" : "api") + "/v1/namespaces/team/" + plural + "?";
        const std::string kind = plural == "jobs" ? "JobList" : plural == "pods" ? "PodList" : "EventList";
        const std::string list =
            Json{{"kind", kind}, {"metadata", {{"resourceVersion", "5"}}}, {"items", items}}.dump();
        server.route(path, "HTTP/1.1 200 X\r\nContent-Length: " + std::to_string(list.size()) + "\r\n\r\n" + list);
        server.route(path + "watch=", "HTTP/1.1 200 X\r\nContent-Length: 1000000\r\n\r\n" + events,
                     breaks ? FakeServer::End::reset : FakeServer::End::stall);
    }
    // An object for a GET of its own; its kind must be one that needs no discovery, or one of serve_kinds().
    void serve_object(const std::string& path, const Json& object) {
        serve_text("GET " + path + " HTTP", object.dump());
    }
    void serve_text(const std::string& request, const std::string& body) {
        server.route(request, "HTTP/1.1 200 X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    // What the server has besides the built-in kinds: the groups of the aggregated discovery, as JSON.
    void serve_kinds(const std::string& groups) {
        serve_text("GET /api HTTP", R"({"kind":"APIGroupDiscoveryList","items":[]})");
        serve_text("GET /apis HTTP", R"({"kind":"APIGroupDiscoveryList","items":)" + groups + "}");
    }
    // The exit code.
    int run(const std::vector<std::string>& words) { return run_app(session, words); }
    void stop_when(std::function<bool()> when, int signal = 2) {
        clock.when = std::move(when);
        clock.signal = signal;
    }
    bool asked(std::size_t requests) const { return server.requests().size() >= requests; }
    bool said(const std::string& text) const { return err.text.find(text) != std::string::npos; }
    bool asked_for(const std::string& text) const {
        for (const std::string& request : server.requests())
            if (request.find(text) != std::string::npos) return true;
        return false;
    }

private:
    void configure(const std::string& cluster, const std::string& user) {
        env.values["KUBECONFIG"] = "/config";
        files.contents["/config"] = "current-context: here\nclusters: [{name: c, cluster: {server: '" + server.url() +
                                    "'" + cluster + "}}]\nusers: [{name: u, user: {" + user +
                                    "}}]\ncontexts: [{name: here, context: {cluster: c, user: u, namespace: team}}]\n";
    }
};

}  // namespace ktrain::test
