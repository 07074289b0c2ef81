// Talks to one Kubernetes API server: typed verbs over Http with credentials, retries, warnings and clear errors.
#include "core/kube/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "core/base/text.h"
#include "core/kube/warning.h"

namespace ktrain::kube {
namespace {

constexpr int max_retries = 10;
constexpr std::chrono::seconds longest_rest(10);
constexpr const char* aggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

std::string write_query(bool dry_run, std::string query = "fieldValidation=Strict") {
    query += "&fieldManager=ktrain";
    if (dry_run) query += "&dryRun=All";
    return "?" + query;
}

Listing cut(Listing read, const Resource& resource) {
    read.rest = fmt::format("of the {} only the first {} were read", resource.plural, read.items.size());
    return read;
}

Json delete_options(const std::string& uid, const char* propagation) {
    Json options{{"kind", "DeleteOptions"}, {"apiVersion", "v1"}, {"propagationPolicy", propagation}};
    if (!uid.empty()) options["preconditions"] = Json{{"uid", uid}};
    return options;
}

// A write that is stored is waited for even when the process is asked to stop: who rolls back must know.
HttpRequest write_request(std::string method, std::string path, const std::string& type, const Json& body,
                          bool interruptible = false) {
    HttpRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.headers = {{"Content-Type", type}};
    request.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    request.uninterruptible = !interruptible;
    return request;
}

// What tells requests that were begun apart.
std::string key_of(const HttpRequest& request) {
    return request.method + ' ' + request.path + '\n' + request.body;
}

HttpRequest create_request(const Resource& resource, const std::string& namespace_, const Json& object, bool dry_run) {
    return write_request("POST", resource.collection_path(namespace_) + write_query(dry_run), "application/json",
                         object, dry_run);
}

HttpRequest apply_request(const Resource& resource, const std::string& namespace_, const Json& object, bool dry_run) {
    return write_request("PATCH", resource.path(namespace_, meta(object, "name")) + write_query(dry_run),
                         "application/apply-patch+yaml", object, dry_run);
}

// Whether an apply is refused for nothing but what this program created by a POST: that is another way of owning to the
// server. Source: apimachinery util/managedfields, conflicts are told as causes.
bool conflicts_with_self(const HttpReply& reply) {
    if (reply.trouble != Trouble::none || reply.status != 409) return false;
    const Json status = status_of(reply);
    const Json& causes = at_path(status, {"details", "causes"});
    return causes.is_array() && !causes.empty() && std::ranges::all_of(causes, [](const Json& cause) {
               return string_or(cause, "reason") == "FieldManagerConflict" &&
                      string_or(cause, "message").starts_with("conflict with \"ktrain\"");
           });
}

// Any server answers 404: only a Status says that the object is not there.
bool is_absent(const HttpReply& reply) {
    return reply.trouble == Trouble::none && reply.status == 404 && !status_of(reply).is_null();
}

}  // namespace

KubeClient::KubeClient(Http& http, Auth& auth, Clock& clock, ServerName server, Notice notice)
    : http_(http),
      auth_(auth),
      clock_(clock),
      server_(std::move(server)),
      notice_(std::move(notice)),
      // From a clock that a test sets the same follows each time; no two processes start in one nanosecond.
      random_(static_cast<std::minstd_rand::result_type>(clock.now().time_since_epoch().count() % 2147483647)),
      rest_([](std::chrono::milliseconds wait) { std::this_thread::sleep_for(wait); }) {}

std::chrono::milliseconds KubeClient::jitter(std::chrono::milliseconds span) {
    return std::chrono::milliseconds(
        std::uniform_int_distribution<std::int64_t>(0, std::max<std::int64_t>(0, span.count()))(random_));
}

// How long to wait before the same request may be sent again; nullopt: it must not.
std::optional<std::chrono::milliseconds> KubeClient::retry_after(const HttpRequest& request,
                                                                 const HttpReply& reply) const {
    const bool busy = reply.trouble == Trouble::none && (reply.status == 429 || reply.status >= 500);
    if (busy) return kube::retry_after(reply);
    if (request.method == "GET" && reply.trouble == Trouble::lost) return std::chrono::seconds(1);
    return std::nullopt;
}

// Errors: those of Auth::headers, which every request would meet.
Headers KubeClient::credentials() {
    try {
        return auth_.headers(http_);
    } catch (Error& error) {
        error.general = true;
        throw;
    }
}

// False when the process was asked to stop and the request is not worth waiting for. Who takes back what he did waits
// on, for a few seconds in all: a second signal ends the process at once.
bool KubeClient::waits(const HttpRequest& request, std::chrono::milliseconds wait) {
    if (clock_.sleep(wait)) return true;
    if (!request.uninterruptible || rested_ + wait > longest_rest) return false;
    rested_ += wait;
    rest_(wait);
    return true;
}

void KubeClient::add_headers(HttpRequest& request) {
    const auto accepts = [](const auto& header) { return header.first == "Accept"; };
    if (std::ranges::none_of(request.headers, accepts)) request.headers.emplace_back("Accept", "application/json");
    for (auto& header : credentials()) request.headers.push_back(std::move(header));
}

void KubeClient::begin(const Ahead& ahead) {
    std::vector<HttpRequest> requests = ahead.requests_;
    for (HttpRequest& request : requests) add_headers(request);
    std::vector<HttpReply> replies = http_.send_all(requests);
    for (std::size_t i = 0; i < requests.size(); ++i)
        ahead_.insert_or_assign(key_of(requests[i]), std::move(replies[i]));
}

// The reply to a request that was begun, else to one that is sent now.
HttpReply KubeClient::send(const HttpRequest& request) {
    if (auto begun = ahead_.extract(key_of(request)); !begun.empty()) return std::move(begun.mapped());
    return http_.send(request);
}

// One request with credentials, sent again as long as the rules allow it.
HttpReply KubeClient::ask(HttpRequest request) {
    const Headers own = request.headers;
    std::chrono::milliseconds waited{0};
    bool renewed = false;
    ++requests_;
    for (int tries = 0;; ++tries) {
        request.headers = own;
        add_headers(request);
        HttpReply reply = send(request);
        if (!renewed && auth_.renew(reply)) {
            renewed = true;
            continue;
        }
        const auto pause = retry_after(request, reply);
        if (!pause || tries >= max_retries || waited + *pause > retry_budget_) {
            keep_warnings(reply);
            return reply;
        }
        const auto wait = *pause + jitter(*pause / 10);
        if (notice_) {
            const std::string why = reply.trouble == Trouble::none
                                        ? fmt::format("the server is busy (HTTP {})", reply.status)
                                        : fmt::format("the connection broke ({})", reply.reason);
            notice_(words_of(Retry{why, tries + 2, *pause, retry_budget_ - waited}));
        }
        waited += *pause;
        if (!waits(request, wait)) return reply;
    }
}

// The object in a good reply, of one of these kinds (any when there are none). Errors: as error_of; malformed().
Json KubeClient::answer(const HttpReply& reply, const Attempt& attempt,
                        std::initializer_list<std::string_view> kinds) const {
    if (reply.trouble != Trouble::none || reply.status < 200 || reply.status > 299) {
        Error error = error_of(reply, attempt, server_);
        if (reply.status == 401 && !auth_.suspicion().empty()) error.hint = auth_.suspicion();
        throw error;
    }
    Json body = parse_answer(reply.body);
    if (!body.is_object()) throw malformed("it is no JSON object", attempt, server_);
    const std::string kind = string_or(body, "kind");
    if (kinds.size() == 0 || std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return body;
    const std::string wanted(*kinds.begin());
    throw malformed(kind.empty() ? fmt::format("it is no {}: it has no kind", wanted)
                                 : fmt::format("it is a {}, not a {}", printable(kind), wanted),
                    attempt, server_);
}

// The items of a list, each an object. An empty list may leave them out. Errors: malformed().
const Json& KubeClient::items_of(const Json& list, const Attempt& attempt) const {
    const Json& items = at_path(list, {"items"});
    if (!items.is_null() && !items.is_array())
        throw malformed(fmt::format("its items are of type {}, not array", items.type_name()), attempt, server_);
    for (const Json& item : items)
        if (!item.is_object())
            throw malformed(fmt::format("one of its items is of type {}, not object", item.type_name()), attempt,
                            server_);
    return items;
}

void KubeClient::keep_warnings(const HttpReply& reply) {
    for (std::string& text : warnings_of(reply))
        if (warned_.insert(text).second) warnings_.push_back(std::move(text));
}

std::vector<std::string> KubeClient::take_warnings() {
    return std::exchange(warnings_, {});
}

Json KubeClient::get(const Resource& resource, const std::string& namespace_, const std::string& name) {
    return answer(ask({.path = resource.path(namespace_, name)}), {"get", resource.label(name), namespace_},
                  {resource.kind});
}

std::optional<Json> KubeClient::find(const Resource& resource, const std::string& namespace_, const std::string& name,
                                     Patience patience) {
    const HttpReply reply =
        ask({.path = resource.path(namespace_, name), .uninterruptible = patience == Patience::certain});
    if (is_absent(reply)) return std::nullopt;
    return answer(reply, {"get", resource.label(name), namespace_}, {resource.kind});
}

std::string KubeClient::page_path(const Resource& resource, const std::string& namespace_, const Selector& selector,
                                  const std::string& next, int size) {
    std::string query;
    if (!selector.labels.empty()) query += "&labelSelector=" + percent_encode(selector.labels);
    if (!selector.fields.empty()) query += "&fieldSelector=" + percent_encode(selector.fields);
    if (size > 0) query += fmt::format("&limit={}", size);
    if (!next.empty()) query += "&continue=" + percent_encode(next);
    if (!query.empty()) query[0] = '?';
    return resource.collection_path(namespace_) + query;
}

Page KubeClient::page(const HttpReply& reply, const Resource& resource, const std::string& namespace_) const {
    const Attempt attempt{"list", resource.plural, namespace_};
    const std::string list_kind = resource.kind + "List";
    Json list = answer(reply, attempt, {list_kind});
    Page out;
    out.version = meta(list, "resourceVersion");
    out.next = meta(list, "continue");
    if (items_of(list, attempt).is_array())
        for (Json& item : list["items"]) out.items.push_back(std::move(item));
    return out;
}

Listing KubeClient::list(const Resource& resource, const std::string& namespace_, const Selector& selector) {
    Listing out;
    std::string next;
    int size = paging_.size;
    for (;;) {
        const HttpReply reply = ask({.path = page_path(resource, namespace_, selector, next, size)});
        const bool too_old = reply.trouble == Trouble::none && reply.status == 410 && !next.empty();
        if (too_old && !paging_.goes_on) {
            // The later pages cannot be had any more: one whole list instead of a mixture of two states.
            out = {};
            next.clear();
            size = 0;
            continue;
        }
        if (too_old) return cut(std::move(out), resource);
        Page page = this->page(reply, resource, namespace_);
        for (Json& item : page.items) out.items.push_back(std::move(item));
        out.version = page.version;
        next = page.next;
        if (next.empty()) return out;
        if (paging_.goes_on && !paging_.goes_on(out.items.size())) return cut(std::move(out), resource);
    }
}

Json KubeClient::create(const Resource& resource, const std::string& namespace_, const Json& object, bool dry_run) {
    const HttpReply reply = ask(create_request(resource, namespace_, object, dry_run));
    return answer(reply, {"create", resource.label(meta(object, "name")), namespace_}, {resource.kind});
}

Written KubeClient::apply(const Resource& resource, const std::string& namespace_, const Json& object, bool dry_run) {
    const std::string name = meta(object, "name");
    HttpRequest request = apply_request(resource, namespace_, object, dry_run);
    HttpReply reply = ask(request);
    if (conflicts_with_self(reply)) {
        request.path += "&force=true";
        reply = ask(request);
    }
    return {answer(reply, {"apply", resource.label(name), namespace_}, {resource.kind}), reply.status == 201};
}

Json KubeClient::patch(const Resource& resource, const std::string& namespace_, const std::string& name,
                       const Json& changes) {
    const HttpReply reply = ask(write_request("PATCH", resource.path(namespace_, name) + write_query(false),
                                              "application/merge-patch+json", changes));
    return answer(reply, {"change", resource.label(name), namespace_}, {resource.kind});
}

bool KubeClient::remove(const Resource& resource, const std::string& namespace_, const std::string& name,
                        const std::string& uid, bool dry_run, bool interruptible) {
    Json options = delete_options(uid, "Background");
    if (dry_run) options["dryRun"] = Json::array({"All"});
    return removed(resource, namespace_, name, options, dry_run || interruptible);
}

bool KubeClient::remove_last(const Resource& resource, const std::string& namespace_, const std::string& name,
                             const std::string& uid) {
    return removed(resource, namespace_, name, delete_options(uid, "Foreground"), false);
}

bool KubeClient::removed(const Resource& resource, const std::string& namespace_, const std::string& name,
                         const Json& options, bool interruptible) {
    const HttpReply reply =
        ask(write_request("DELETE", resource.path(namespace_, name), "application/json", options, interruptible));
    if (is_absent(reply)) return false;
    answer(reply, {"delete", resource.label(name), namespace_}, {});  // a Status, or the object
    return true;
}

void KubeClient::Ahead::find(const Resource& resource, const std::string& namespace_, const std::string& name) {
    try {
        requests_.push_back({.path = resource.path(namespace_, name)});
    } catch (const Error&) {  // no name
    }
}

void KubeClient::Ahead::list(const Resource& resource, const std::string& namespace_) {
    requests_.push_back({.path = page_path(resource, namespace_, {}, "")});
}

void KubeClient::Ahead::create(const Resource& resource, const std::string& namespace_, const Json& object,
                               bool dry_run) {
    requests_.push_back(create_request(resource, namespace_, object, dry_run));
}

void KubeClient::Ahead::apply(const Resource& resource, const std::string& namespace_, const Json& object,
                              bool dry_run) {
    try {
        requests_.push_back(apply_request(resource, namespace_, object, dry_run));
    } catch (const Error&) {  // no name
    }
}

// What the server has at "/apis" or "/api", or below them: as it was told before, or asked for `anew`.
const Json& KubeClient::discovery(const std::string& path, bool anew) {
    if (const auto known = discovered_.find(path); known != discovered_.end() && !anew) return known->second;
    if (discovery_cache_ != nullptr && !anew) {
        if (auto kept = discovery_cache_->find(path)) return discovered_[path] = *std::move(kept);
    }
    const Attempt attempt{"read", path, ""};
    const HttpReply reply = ask({.path = path, .headers = {{"Accept", aggregated}}});
    if (is_absent(reply)) return discovered_[path] = Json::object();
    Json groups;
    try {
        groups = answer(reply, attempt, {"APIGroupDiscoveryList", "APIGroupList", "APIVersions", "APIResourceList"});
    } catch (Error& error) {
        const bool of_all = path.find('/', 1) == std::string::npos;  // not of one version of a group
        error.general |= of_all && no_answer(error);
        throw;
    }
    items_of(groups, attempt);
    if (discovery_cache_ != nullptr) discovery_cache_->keep(path, groups);
    return discovered_[path] = std::move(groups);
}

Resource KubeClient::resource(const std::string& api_version, const std::string& kind) {
    if (auto known = built_in_resource(api_version, kind)) return *known;
    const std::string root = api_version.find('/') == std::string::npos ? "/api" : "/apis";
    std::vector<std::string> others;
    for (const bool anew : {false, true}) {  // a kind that is not known may have come since
        if (anew && (discovery_cache_ == nullptr || discovery_cache_->is_current(root))) break;
        const Json& all = discovery(root, anew);
        if (auto found = find_in_discovery(all, api_version, kind)) return *found;
        others = served_versions(all, api_version, kind);
        if (string_or(all, "kind") == "APIGroupDiscoveryList") continue;
        // A server before 1.27: it lists the resources of one version at a time.
        if (auto found = find_in_discovery(discovery(root + "/" + api_version, anew), api_version, kind)) return *found;
    }
    throw Error(
        ErrorKind::input, fmt::format("the server has no kind {} in {}", printable(kind), printable(api_version)), {},
        others.empty() ? "install its custom resource definition, or correct apiVersion and kind"
                       : "the server has it in " + printable(join(others, ", ")) + ": write that as apiVersion");
}

std::optional<std::string> KubeClient::read(const std::string& path) {
    HttpReply reply = ask({.path = path, .headers = {{"Accept", "application/json"}}});
    if (reply.status == 404) return std::nullopt;
    if (reply.status != 200 || reply.trouble != Trouble::none) answer(reply, {"read", path, ""}, {});  // throws
    return std::move(reply.body);
}

StreamId KubeClient::open(const std::string& path, StreamHandler& handler, bool bounded) {
    HttpRequest request{.path = path, .bounded = bounded};
    request.headers = credentials();
    request.headers.emplace_back("Accept", "application/json, */*");
    return http_.open(request, handler);
}

}  // namespace ktrain::kube
