// W&B's GraphQL and file-stream interfaces.
#include "trainer/report/wandb_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/base64.h"
#include "core/base/text.h"

namespace ktrain::trainer {
namespace {

using kube::Trouble;

constexpr std::string_view make_run =
    "mutation UpsertBucket($name: String, $project: String, $entity: String, $displayName: String, $groupName: String, "
    "$config: JSONString) { upsertBucket(input: {name: $name, modelName: $project, entityName: $entity, "
    "displayName: $displayName, groupName: $groupName, config: $config}) { bucket { id name historyLineCount "
    "historyTail project { name entity { name } } } } }";

// What an answer means for the next try.
WandbService::Answer answer_of(const kube::HttpReply& reply) {
    using enum WandbService::Answer;
    if (reply.trouble == Trouble::proxy) return never;
    if (reply.trouble != Trouble::none) return later;
    if (reply.status >= 200 && reply.status < 300) return done;
    return reply.status >= 500 || reply.status == 408 || reply.status == 429 ? later : never;
}

std::string why(const kube::HttpReply& reply) {
    if (reply.trouble != Trouble::none) return reply.reason;
    if (reply.status == 401 || reply.status == 403) return fmt::format("the key is refused (HTTP {})", reply.status);
    return fmt::format("HTTP {}", reply.status);
}

std::string without(std::string text, const std::string& secret) {
    for (std::size_t at = 0; !secret.empty() && (at = text.find(secret, at)) != std::string::npos;)
        text.replace(at, secret.size(), "***");
    return text;
}

// What a line of a history tells. The lines of a step come in the order of these marks, and the last one that a line
// has is its own; a line without any is taken for the last.
std::size_t kind_of(const Json& line) {
    constexpr std::array marks{"train/learning_rate", "eval/loss", "train/train_loss", "test/loss"};
    const auto own = std::find_if(marks.rbegin(), marks.rend(), [&](const char* mark) { return line.contains(mark); });
    return own == marks.rend() ? marks.size() : static_cast<std::size_t>(marks.rend() - own);
}

// The newest line of a history: a list of lines, each of them text, as text.
WandbService::Stand newest_of(const Json& bucket) {
    const auto parsed = [](const Json& value) {
        return value.is_string() ? Json::parse(value.get<std::string>(), nullptr, false) : value;
    };
    const Json tail = parsed(at_path(bucket, {"historyTail"}));
    WandbService::Stand newest;
    if (tail.is_array())
        for (const Json& text : tail) {
            const Json line = parsed(text);
            const Json& step = at_path(line, {"train/global_step"});
            if (step.is_number()) newest = std::max(newest, {step.get<std::int64_t>(), kind_of(line)});
        }
    return newest;
}

Json or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

}  // namespace

WandbService::WandbService(const WandbSettings& settings, std::unique_ptr<kube::Http> http)
    : settings_(settings), http_(std::move(http)) {}

WandbService::Outcome WandbService::post(const std::string& path, const Json& body, Json& reply) {
    const kube::HttpReply answer =
        http_->send({.method = "POST",
                     .path = path,
                     .headers = {{"Authorization", "Basic " + base64_encode("api:" + settings_.key)},
                                 {"Content-Type", "application/json"}},
                     .body = body.dump(-1, ' ', false, Json::error_handler_t::replace)});
    reply = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
    if (answer_of(answer) == Answer::done) return {};
    return {answer_of(answer), without(printable(why(answer)), settings_.key)};
}

WandbService::Outcome WandbService::open() {
    Json config = Json::object();
    for (const auto& [group, value] : settings_.config.items()) config[group] = {{"value", value}};
    Json reply;
    const Outcome outcome = post("/graphql",
                                 {{"query", make_run},
                                  {"variables",
                                   {{"name", settings_.id},
                                    {"project", settings_.project},
                                    {"entity", or_null(settings_.entity)},
                                    {"displayName", settings_.name},
                                    {"groupName", or_null(settings_.group)},
                                    {"config", config.dump()}}}},
                                 reply);
    if (outcome.answer != Answer::done) return outcome;
    const Json& bucket = at_path(reply, {"data", "upsertBucket", "bucket"});
    if (!bucket.is_object()) {
        const Json& errors = at_path(reply, {"errors"});
        const std::string said = errors.is_array() && !errors.empty() ? string_or(errors[0], "message") : "";
        return {Answer::never, "it makes no run: " + without(printable(said.substr(0, 200)), settings_.key)};
    }
    project_ = string_or(at_path(bucket, {"project"}), "name", settings_.project);
    entity_ = string_or(at_path(bucket, {"project", "entity"}), "name", settings_.entity);
    const Json& count = at_path(bucket, {"historyLineCount"});
    history_lines_ = count.is_number() ? count.get<std::int64_t>() : 0;
    known_ = newest_of(bucket);
    return {};
}

WandbService::Outcome WandbService::stream(const Json& body) {
    Json reply;
    return post(fmt::format("/files/{}/{}/{}/file_stream", kube::percent_encode(entity_),
                            kube::percent_encode(project_), kube::percent_encode(settings_.id)),
                body, reply);
}

WandbService::Outcome WandbService::send(const std::vector<Line>& lines, const Json& summary) {
    Json content = Json::array();
    for (const Line& line : lines) {
        if (Stand{line.step, kind_of(line.values)} <= known_) continue;
        Json values = line.values;
        values["_step"] = history_lines_ + std::ssize(content);
        content.push_back(values.dump());
    }
    if (content.empty()) return stream(Json::object());
    Json files = {{"wandb-history.jsonl", {{"offset", history_lines_}, {"content", content}}},
                  {"wandb-summary.json", {{"offset", 0}, {"content", Json::array({summary.dump()})}}}};
    Outcome outcome = stream({{"files", std::move(files)}});
    if (outcome.answer == Answer::done) outcome.lines = std::ssize(content);
    history_lines_ += outcome.lines;
    return outcome;
}

WandbService::Outcome WandbService::close(int exit_code) {
    return stream({{"complete", true}, {"exitcode", exit_code}});
}

std::string WandbService::url() const {
    if (entity_.empty()) return "";
    std::string site = settings_.base_url;
    if (const std::size_t at = site.find("://api."); at != std::string::npos) site.erase(at + 3, 4);
    return fmt::format("{}/{}/{}/runs/{}", site, entity_, project_, settings_.id);
}

}  // namespace ktrain::trainer
