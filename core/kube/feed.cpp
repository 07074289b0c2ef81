// A set of objects kept up to date: list once, watch from there, resume after every break, list anew when too far
// behind.
#include "core/kube/feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/text.h"
#include "core/kube/http_reply.h"

namespace ktrain::kube {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds first_backoff = 800ms;
constexpr std::chrono::milliseconds last_backoff = 30s;
constexpr std::chrono::milliseconds after_clean_end = 1s;
constexpr std::chrono::milliseconds lasting = 500ms;
constexpr std::size_t max_event_bytes = 64u << 20;
constexpr int max_garbled = 3;
constexpr std::chrono::seconds first_patience = 60s;  // until the first list has come
constexpr std::chrono::seconds head_time = 60s;       // for the head of a watch
constexpr std::chrono::seconds overtime = 30s;        // for a watch to end after the time it was asked for

// Resource versions of one resource are comparable as numbers (KEP-5504); nullopt for others.
std::optional<std::uint64_t> number_of(std::string_view version) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), value);
    if (version.empty() || error != std::errc() || end != version.data() + version.size()) return std::nullopt;
    return value;
}

bool is_newer(std::string_view version, std::string_view than) {
    const auto a = number_of(version), b = number_of(than);
    return !a || !b || *a > *b;
}

}  // namespace

Feed::Feed(KubeClient& client, Resource resource, std::string in_namespace, Selector selector)
    : client_(client),
      resource_(std::move(resource)),
      namespace_(std::move(in_namespace)),
      selector_(std::move(selector)) {}

Feed::~Feed() {
    disconnect();
}

void Feed::disconnect() {
    if (stream_) client_.close(*stream_);
    stream_.reset();
    line_.clear();
}

void Feed::step() {
    if (fatal_) {
        const Error error = *fatal_;
        if (!listed_) fatal_.reset();  // who goes on all the same may list anew
        throw error;
    }
    const auto now = client_.clock().steady();
    if (stream_ && !listing_ && now >= deadline_)
        break_off(Error(ErrorKind::timed_out, "the server has let a watch go silent"), std::nullopt);
    if (stream_ || now < due_) return;
    try {
        if (version_.empty())
            ask_for_page();
        else
            connect();
    } catch (const Error& error) {  // no credentials
        if (!listed_ || !no_answer(error)) throw;
        break_off(error, std::nullopt);
    }
    const auto patience = listed_ ? patience_ : std::min(patience_, first_patience);
    if (!trouble_.empty() && now - broken_since_ > patience)
        throw Error(ErrorKind::unreachable, fmt::format("no connection for {}: {}", human_duration(patience), trouble_),
                    {}, "try again");
}

void Feed::ask_for_page() {
    line_.clear();
    if (next_.empty()) items_.clear();
    listing_ = true;
    const int size = paged_ ? Paging{}.size : 0;
    stream_ = client_.open(KubeClient::page_path(resource_, namespace_, selector_, next_, size), *this, true);
}

// Errors: those of KubeClient::page.
void Feed::take_page(const HttpReply& reply) {
    Page page = client_.page(reply, resource_, namespace_);
    for (Json& item : page.items) items_.push_back(std::move(item));
    next_ = page.next;
    if (!next_.empty()) return ask_for_page();
    if (page.version.empty() || page.version == "0")
        throw malformed("it has no resourceVersion to watch from", {"list", resource_.plural, namespace_},
                        client_.server());
    objects_.clear();
    for (Json& item : std::exchange(items_, {})) {
        item["apiVersion"] = resource_.api_version();  // lists leave these out
        item["kind"] = resource_.kind;
        const std::string name = meta(item, "name");
        if (!wanted_ || wanted_(item)) objects_[name] = std::move(item);
    }
    version_ = page.version;
    paged_ = true;
    listed_ = changed_ = true;
    renewed_ = false;
    mend();
    connect();
}

std::optional<Retry> Feed::trouble() const {
    if (trouble_.empty()) return std::nullopt;
    const auto left = broken_since_ + patience_ - client_.clock().steady();
    return Retry{trouble_, failures_ + 1, pause_, std::chrono::duration_cast<std::chrono::milliseconds>(left)};
}

// The connection works (again).
void Feed::mend() {
    trouble_.clear();
    failures_ = 0;
}

void Feed::on_open(const HttpReply& head) {
    client_.keep_warnings(head);
    if (listing_) return;
    opened_ = client_.clock().steady();
    deadline_ = *opened_ + lasts_ + overtime;
    mend();
}

// How long to wait after the end of a connection: each time longer, for a server that ends every watch at once too. One
// that lasted a while is no such server but a proxy that cuts what is quiet, after a minute or less.
std::chrono::milliseconds Feed::next_pause() {
    const auto opened = std::exchange(opened_, std::nullopt);
    if (opened && client_.clock().steady() - *opened >= lasting) backoff_ = 0ms;
    backoff_ = backoff_ == 0ms ? first_backoff : std::min(backoff_ * 2, last_backoff);
    return backoff_ / 2 + client_.jitter(backoff_ / 2);
}

void Feed::connect() {
    lasts_ = 300s + std::chrono::duration_cast<std::chrono::seconds>(client_.jitter(300s));
    std::string query = fmt::format("?watch=true&allowWatchBookmarks=true&timeoutSeconds={}&resourceVersion={}",
                                    lasts_.count(), percent_encode(version_));
    if (!selector_.labels.empty()) query += "&labelSelector=" + percent_encode(selector_.labels);
    if (!selector_.fields.empty()) query += "&fieldSelector=" + percent_encode(selector_.fields);
    line_.clear();
    listing_ = false;
    deadline_ = client_.clock().steady() + head_time;
    stream_ = client_.open(resource_.collection_path(namespace_) + query, *this);
}

// The connection is gone: remember why and when to try again.
void Feed::break_off(const Error& error, std::optional<std::chrono::milliseconds> pause) {
    disconnect();
    const auto now = client_.clock().steady();
    if (trouble_.empty()) broken_since_ = now;
    trouble_ = error.message;
    ++failures_;
    const auto rising = next_pause();
    pause_ = pause.value_or(rising);
    due_ = now + pause_;
}

void Feed::on_data(std::string_view piece) {
    if (listing_) {
        line_ += piece;
        return;
    }
    while (!piece.empty() && stream_) {
        const std::size_t end = piece.find('\n');
        line_ += piece.substr(0, end);
        if (line_.size() > max_event_bytes) {
            break_off(Error(ErrorKind::failed, "the server sends an endless event"), std::nullopt);
            return;
        }
        if (end == std::string_view::npos) return;
        piece.remove_prefix(end + 1);
        const std::string line = std::exchange(line_, {});
        if (!trim(line).empty()) take_event(line);
    }
}

void Feed::take_event(std::string_view line) {
    const Json event = parse_answer(line);
    const std::string type = string_or(event, "type");
    const Json& object = at_path(event, {"object"});
    if (type.empty() || !object.is_object()) {
        const Error error =
            malformed("an event is no JSON object", {"watch", resource_.plural, namespace_}, client_.server());
        version_.clear();
        break_off(error, std::nullopt);
        if (++garbled_ >= max_garbled) fatal_ = error;
        return;
    }
    if (type == "ERROR") {
        take_error(object);
        return;
    }
    const std::string version = meta(object, "resourceVersion");
    garbled_ = 0;
    renewed_ = false;
    if (!is_newer(version, version_)) return;  // sent again after a reconnect
    version_ = version;
    backoff_ = 0ms;
    if (type == "BOOKMARK") return;
    if (wanted_ && !wanted_(object)) return;
    const std::string name = meta(object, "name");
    if (type == "DELETED")
        objects_.erase(name);
    else
        objects_[name] = object;
    changed_ = true;
}

// An ERROR event carries the Status that a reply would have carried.
void Feed::take_error(const Json& status) {
    HttpReply reply;
    const Json& code = at_path(status, {"code"});
    reply.status = code.is_number_integer() ? code.get<int>() : 500;
    reply.body = status.dump();
    const Json& seconds = at_path(status, {"details", "retryAfterSeconds"});
    if (seconds.is_number_integer()) reply.headers.emplace_back("retry-after", std::to_string(seconds.get<int>()));
    disconnect();
    on_end(reply);
}

void Feed::on_end(const HttpReply& reply) {
    stream_.reset();
    const std::string body = std::exchange(line_, {});
    const bool good = reply.trouble == Trouble::none && reply.status >= 200 && reply.status < 300;
    if (good && listing_) {
        HttpReply whole = reply;
        whole.body = body;
        if (ends_early(whole)) {
            whole.trouble = Trouble::lost;
            whole.reason = "the answer ended early";
            return refuse(whole, "list");
        }
        try {
            take_page(whole);
        } catch (const Error& error) {
            next_.clear();
            break_off(error, std::nullopt);
            if (!listed_ || !no_answer(error)) fatal_ = error;
        }
        return;
    }
    if (good) {
        due_ = client_.clock().steady() + std::max(after_clean_end, next_pause());
        return;
    }
    if (reply.trouble == Trouble::none && reply.status == 410 && (!listing_ || !next_.empty())) {
        // Too far behind: list anew. Pages that are too old: one whole list instead of a mixture of two states.
        paged_ = !listing_;
        version_.clear();
        next_.clear();
        due_ = client_.clock().steady() + (listing_ ? 0ms : next_pause());
        return;
    }
    refuse(reply, listing_ ? "list" : "watch");
}

void Feed::refuse(const HttpReply& reply, const char* verb) {
    const bool spoken = reply.trouble == Trouble::none;
    const bool renewed = !renewed_ && client_.renew_credentials(reply);
    renewed_ = renewed_ || renewed;
    next_.clear();
    const Error error = error_of(reply, {verb, resource_.plural, namespace_}, client_.server());
    std::optional<std::chrono::milliseconds> pause = retry_after(reply);
    if (pause) pause = std::min(*pause, last_backoff);
    // Before the first list only what passes by itself is waited for, as in any other request.
    const bool busy = spoken && pause && (reply.status == 429 || reply.status >= 500);
    // A server that was trusted once may have a new certificate before its new authority has come to this machine.
    const bool passes =
        listed_ ? no_answer(error) || reply.trouble == Trouble::tls : busy || reply.trouble == Trouble::lost;
    break_off(error, renewed ? 0ms : pause);
    if (!renewed && !passes) fatal_ = error;
}

}  // namespace ktrain::kube
