// Talks to one Kubernetes API server: typed verbs over Http with credentials, retries, warnings and clear errors.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/kube/auth.h"
#include "core/kube/discovery_cache.h"
#include "core/kube/resource.h"
#include "core/kube/retry.h"
#include "core/kube/status.h"

namespace ktrain::kube {

struct Written {
    Json object;           // as the server has it now
    bool created = false;  // it did not exist before
};

struct Selector {
    std::string labels;  // "batch.kubernetes.io/job-name=cnn"
    std::string fields;  // "metadata.name=cnn"
};

struct Listing {
    std::vector<Json> items;
    std::string version;  // to watch from
    std::string rest;     // what was left out, as a sentence; empty: nothing
};

// How long lists are read.
struct Paging {
    int size = 500;
    // Whether another page is asked for, with so many items there; absent: until the list ends.
    std::function<bool(std::size_t)> goes_on = nullptr;
};

// A page of a list.
struct Page {
    std::vector<Json> items;
    std::string version;  // of the whole list
    std::string next;     // to ask for the next page by; empty: it is the last one
};

// Whether a stop signal ends a question to the server. Who takes back what he did must have an answer.
enum class Patience { stoppable, certain };

class KubeClient {
public:
    // `notice` gets a line for each thing that the user should know while waiting ("the server is busy, ...").
    using Notice = std::function<void(const std::string&)>;

    KubeClient(Http& http, Auth& auth, Clock& clock, ServerName server, Notice notice);

    // All verbs throw the errors of error_of(); 429 and 5xx with Retry-After are tried again, GETs also after a broken
    // connection, 401 and an untrusted connection once when there are other credentials by now.
    Json get(const Resource& resource, const std::string& namespace_, const std::string& name);
    std::optional<Json> find(const Resource& resource, const std::string& namespace_, const std::string& name,
                             Patience patience = Patience::stoppable);
    Listing list(const Resource& resource, const std::string& namespace_, const Selector& selector);
    // The parts of list() for who must not wait: the path of a page (of all at once when its size is 0), and what is in
    // the reply. Errors: as above.
    static std::string page_path(const Resource& resource, const std::string& namespace_, const Selector& selector,
                                 const std::string& next, int size = Paging{}.size);
    Page page(const HttpReply& reply, const Resource& resource, const std::string& namespace_) const;
    // POST. `dry_run` checks on the server without storing anything.
    Json create(const Resource& resource, const std::string& namespace_, const Json& object, bool dry_run);
    // Server-side apply as field manager "ktrain", never forced.
    Written apply(const Resource& resource, const std::string& namespace_, const Json& object, bool dry_run);
    // JSON merge patch.
    Json patch(const Resource& resource, const std::string& namespace_, const std::string& name, const Json& changes);
    // DELETE of an object and what it owns; false when it was not there. With a `uid` only that very object. A stop
    // signal does not cut it off unless it is `interruptible`: whether it was done is unknown then.
    bool remove(const Resource& resource, const std::string& namespace_, const std::string& name,
                const std::string& uid, bool dry_run, bool interruptible = false);
    // The same, but the object itself stays until what it owns is gone.
    bool remove_last(const Resource& resource, const std::string& namespace_, const std::string& name,
                     const std::string& uid);

    // Requests that do not depend on each other. What cannot be a name is left out: the verb tells then.
    class Ahead {
    public:
        void find(const Resource& resource, const std::string& namespace_, const std::string& name);
        void list(const Resource& resource, const std::string& namespace_);
        void create(const Resource& resource, const std::string& namespace_, const Json& object, bool dry_run);
        void apply(const Resource& resource, const std::string& namespace_, const Json& object, bool dry_run);

    private:
        friend KubeClient;
        std::vector<HttpRequest> requests_;
    };
    // Sends them side by side. The verbs with the same arguments take the replies, each once, as if they had asked
    // then: writes are done by now, and whoever does not take the reply must look what became of them. Errors: those of
    // Auth::headers.
    void begin(const Ahead& ahead);

    // Where discovery is kept between calls; nothing unless set. It must live as long as the client.
    void set_discovery_cache(DiscoveryCache* cache) { discovery_cache_ = cache; }

    // The kind on this server, by table, else by discovery. Errors: Error{input} naming group and version, with the
    // versions that are served.
    Resource resource(const std::string& api_version, const std::string& kind);

    // The text that the server has at a path, such as "/openapi/v3"; nothing where it has none.
    std::optional<std::string> read(const std::string& path);

    // A GET whose reply is delivered as it comes; see Http and HttpRequest::bounded.
    StreamId open(const std::string& path, StreamHandler& handler, bool bounded = false);
    void close(StreamId stream) { http_.close(stream); }
    void turn(std::chrono::milliseconds patience) { http_.turn(patience); }

    // Takes up what a reply to open() warns of; those of the verbs are taken up by themselves.
    void keep_warnings(const HttpReply& reply);
    // The server's warnings so far that have not been taken; each text once in the life of the client.
    std::vector<std::string> take_warnings();

    void set_paging(Paging paging) { paging_ = std::move(paging); }
    // How many requests have been sent but streams, each counted once however often it was tried.
    int requests() const { return requests_; }

    // How long one request may wait for its retries in all; a minute unless set.
    void set_retry_budget(std::chrono::milliseconds budget) { retry_budget_ = budget; }

    // How to wait before a request that must have an answer is sent again after a stop signal; sleeps unless set.
    using Rest = std::function<void(std::chrono::milliseconds)>;
    void set_rest(Rest rest) { rest_ = std::move(rest); }

    bool renew_credentials(const HttpReply& refusal) { return auth_.renew(refusal); }
    const ServerName& server() const { return server_; }
    Clock& clock() { return clock_; }
    // A random share of `span`, for jitter.
    std::chrono::milliseconds jitter(std::chrono::milliseconds span);

private:
    HttpReply ask(HttpRequest request);
    HttpReply send(const HttpRequest& request);
    bool removed(const Resource& resource, const std::string& namespace_, const std::string& name, const Json& options,
                 bool interruptible);
    void add_headers(HttpRequest& request);
    const Json& discovery(const std::string& path, bool anew);
    bool waits(const HttpRequest& request, std::chrono::milliseconds wait);
    Headers credentials();
    Json answer(const HttpReply& reply, const Attempt& attempt, std::initializer_list<std::string_view> kinds) const;
    const Json& items_of(const Json& list, const Attempt& attempt) const;
    std::optional<std::chrono::milliseconds> retry_after(const HttpRequest& request, const HttpReply& reply) const;

    Http& http_;
    Auth& auth_;
    Clock& clock_;
    ServerName server_;
    Notice notice_;
    std::map<std::string, Json> discovered_;  // by path
    DiscoveryCache* discovery_cache_ = nullptr;
    std::map<std::string, HttpReply> ahead_;  // replies that nobody has taken, by request
    std::set<std::string> warned_;
    std::vector<std::string> warnings_;
    std::minstd_rand random_;
    std::chrono::milliseconds retry_budget_{60'000};
    Rest rest_;
    Paging paging_;
    int requests_ = 0;
    std::chrono::milliseconds rested_{0};
};

}  // namespace ktrain::kube
