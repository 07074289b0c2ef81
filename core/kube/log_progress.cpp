// How far training is, as its log tells.
#include "core/kube/log_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/json.h"
#include "core/base/lines.h"
#include "core/base/text.h"
#include "core/kube/resource.h"
#include "core/kube/url.h"

namespace ktrain::kube {
namespace {

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
    Number number{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    return problem == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<double> share_of(std::optional<std::int64_t> step, std::optional<std::int64_t> total) {
    if (!step || !total || *step < 0 || *total <= 0 || *step > *total) return std::nullopt;
    return 100.0 * static_cast<double>(*step) / static_cast<double>(*total);
}

std::optional<double> finite(std::optional<double> number) {
    return number && std::isfinite(*number) ? number : std::nullopt;
}

// "12.5s" or "2m05s".
std::optional<std::chrono::seconds> left_of(std::string_view text) {
    if (const auto whole = parse_duration(text)) return whole;
    if (!text.ends_with('s')) return std::nullopt;
    const auto seconds = number_of<double>(text.substr(0, text.size() - 1));
    return seconds && *seconds >= 0 && *seconds < 60 ? std::optional(std::chrono::seconds(std::lround(*seconds)))
                                                     : std::nullopt;
}

Progress of_event(const Json& event) {
    const auto whole = [&](const char* key) {
        const Json& value = at_path(event, {key});
        return value.is_number_integer() ? std::optional(value.get<std::int64_t>()) : std::nullopt;
    };
    const auto real = [&](const char* key) {
        const Json& value = at_path(event, {key});
        return finite(value.is_number() ? std::optional(value.get<double>()) : std::nullopt);
    };
    Progress out;
    if (string_or(event, "event") != "step") return out;
    out.percent = share_of(whole("step"), whole("steps_total"));
    if (!out.percent) return out;
    out.loss = real("loss");
    if (const auto left = real("eta_seconds"); left && *left >= 0 && *left < 1e9)
        out.left = std::chrono::seconds(std::llround(*left));
    return out;
}

// Parts are two blanks apart, as cli/commands/run_view.cpp writes them.
Progress of_line(std::string_view line) {
    Progress out;
    if (!line.starts_with("step ")) return out;
    line.remove_prefix(5);
    const std::size_t end = std::min(line.find("  "), line.size());
    const std::size_t slash = line.find('/');
    if (slash >= end) return out;
    out.percent = share_of(number_of<std::int64_t>(line.substr(0, slash)),
                           number_of<std::int64_t>(line.substr(slash + 1, end - slash - 1)));
    if (!out.percent) return out;
    const std::size_t loss = line.find("  loss ");
    if (loss != std::string_view::npos) {
        const std::string_view rest = line.substr(loss + 7);
        out.loss = finite(number_of<double>(rest.substr(0, rest.find(' '))));
    }
    if (line.ends_with(" left")) {
        const std::string_view rest = line.substr(0, line.size() - 5);
        out.left = left_of(rest.substr(rest.rfind(' ') + 1));
    }
    return out;
}

constexpr std::size_t most_bytes = 64 << 10;  // that are asked for, and taken

class Tail final : public StreamHandler {
public:
    void on_open(const HttpReply&) override {}
    void on_data(std::string_view piece) override {
        text += piece.substr(0, 2 * most_bytes - std::min(text.size(), 2 * most_bytes));
    }
    void on_end(const HttpReply& reply) override {
        ended = true;
        if (reply.status != 200) text.clear();
    }

    std::string text;
    bool ended = false;
};

}  // namespace

Progress progress_in_log(std::string_view log) {
    Progress last;
    while (!log.empty()) {
        const std::string_view line = trim(without_end(take_line(log)));
        const Progress one = line.starts_with('{') ? of_event(Json::parse(line, nullptr, false)) : of_line(line);
        if (one.told()) last = one;
    }
    return last;
}

Progress read_log_progress(KubeClient& client, Clock& clock, const std::string& in_namespace,
                           const std::vector<PodState>& pods) {
    const auto first = std::ranges::find_if(pods, [](const PodState& pod) { return pod.running && pod.rank <= 0; });
    if (first == pods.end()) return {};
    Tail tail;
    const StreamId stream = client.open(
        built_in_resource("v1", "Pod")->path(in_namespace, first->name) +
            fmt::format("/log?tailLines=20&limitBytes={}&container={}", most_bytes, percent_encode(first->container)),
        tail, true);
    const auto begun = clock.steady();
    while (!tail.ended && clock.stop_signal() == 0 && clock.steady() - begun < std::chrono::seconds(2))
        client.turn(std::chrono::milliseconds(100));
    if (!tail.ended) client.close(stream);
    return progress_in_log(std::string_view(tail.text).substr(0, tail.text.rfind('\n') + 1));  // whole lines
}

}  // namespace ktrain::kube
