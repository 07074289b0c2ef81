// Chat templates: conversations to the text that a model was made for, byte for byte as transformers renders them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "trainer/text/border.h"

namespace ktrain::trainer {

// What a row brings to its template besides the messages. Null: the row has none.
struct ChatVariables {
    Json tools;      // a list of JSON schemas
    Json documents;  // a list of objects
    Json more;       // an object of further variables, such as {"enable_thinking": false}
};

struct RenderedChat {
    std::string text;
    std::vector<ByteSpan> generated;  // what stands between {% generation %} and {% endgeneration %}
};

// Const after it was made: any number of threads may use one.
class ChatTemplate {
public:
    // A template of Jinja2. `special` are variables of every rendering: the model's special tokens by name.
    // `now` is what strftime_now() tells, in seconds since 1970, in local time; `file` names the template in errors.
    // Errors: Error{input} with the line.
    ChatTemplate(const std::string& source, std::map<std::string, std::string> special, std::int64_t now,
                 const std::string& file);

    // As transformers prepares them, members that are null are left out of the messages, and reasoning goes by each
    // of its names. Errors: Error{input}: no list of messages, or the template refuses them (with its line).
    RenderedChat render(const Json& messages, const ChatVariables& variables, bool add_generation_prompt) const;

    // Whether it marks by {% generation %} what the assistant says.
    bool marks_generation() const { return marks_; }

private:
    struct Delete {
        void operator()(KtrainTemplate* chat) const { ktrain_template_delete(chat); }
    };

    std::string file_;
    Json special_;
    std::int64_t now_;
    bool marks_;
    std::unique_ptr<KtrainTemplate, Delete> template_;
};

}  // namespace ktrain::trainer
