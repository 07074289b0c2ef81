// Prepares messages as transformers does and has the Rust library render them.
#include "trainer/text/chat_template.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

// The names that reasoning goes by; the first is the one that most templates read, gpt-oss reads the second.
constexpr const char* reasoning_names[] = {"reasoning_content", "thinking", "reasoning"};

[[noreturn]] void refuse(std::string message) {
    throw Error(ErrorKind::input, std::move(message), {},
                "a conversation is a list such as [{\"role\": \"user\", \"content\": \"...\"}]");
}

bool has_marks(std::string_view source) {
    for (std::size_t at = source.find("{%"); at != std::string_view::npos; at = source.find("{%", at + 2)) {
        std::string_view tag = source.substr(at + 2);
        if (tag.starts_with('-') || tag.starts_with('+')) tag.remove_prefix(1);
        tag.remove_prefix(std::min(tag.find_first_not_of(" \t\r\n"), tag.size()));
        if (tag.starts_with("generation") && tag.find_first_of(" \t\r\n-+%") == 10) return true;
    }
    return false;
}

Json prepared_message(const Json& message) {
    Json kept = Json::object();
    const Json* reasoning = nullptr;
    for (const auto& [name, value] : message.items())
        if (!value.is_null()) kept[name] = value;
    for (const char* name : reasoning_names)
        if (!reasoning && kept.contains(name)) reasoning = &kept[name];
    if (!reasoning) return kept;
    const Json said = *reasoning;
    Json result = {{"thinking", said}};
    for (const auto& [name, value] : kept.items()) result[name] = value;
    result["reasoning_content"] = said;
    return result;
}

Json prepared(const Json& messages) {
    if (!messages.is_array() || messages.empty()) refuse("the conversation has no messages");
    Json result = Json::array();
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const Json& message = messages[i];
        if (!message.is_object() || string_or(message, "role").empty())
            refuse(fmt::format("message {} is no object with a role", i + 1));
        result.push_back(prepared_message(message));
    }
    return result;
}

}  // namespace

ChatTemplate::ChatTemplate(const std::string& source, std::map<std::string, std::string> special, std::int64_t now,
                           const std::string& file)
    : file_(file), special_(Json::object()), now_(now), marks_(has_marks(source)) {
    for (const auto& [name, token] : special) special_[name] = token;
    KtrainTemplate* made = nullptr;
    const Answer answer(ktrain_template_new(source.data(), source.size(), &made));
    template_.reset(made);
    if (answer.failed())
        throw Error(ErrorKind::input, fmt::format("the chat template cannot be read: {}", answer.text()),
                    {.file = file_, .line = answer.line()}, "mend the template, or take the one of the model");
}

RenderedChat ChatTemplate::render(const Json& messages, const ChatVariables& variables,
                                  bool add_generation_prompt) const {
    Json all = special_;
    if (variables.more.is_object()) all.update(variables.more);
    all["messages"] = prepared(messages);
    all["tools"] = variables.tools;
    all["documents"] = variables.documents;
    all["add_generation_prompt"] = add_generation_prompt;
    const std::string text = all.dump(-1, ' ', false, Json::error_handler_t::replace);
    const Answer answer(ktrain_template_render(template_.get(), text.data(), text.size(), now_));
    if (answer.failed())
        throw Error(ErrorKind::input, fmt::format("the chat template refuses this conversation: {}", answer.text()),
                    {.file = file_, .line = answer.line()}, "change the row, or give another template");
    return {std::string(answer.text()), {answer.spans().begin(), answer.spans().end()}};
}

}  // namespace ktrain::trainer
