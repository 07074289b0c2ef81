// What a person or a program sees of a training run: events as a table over a live panel, as lines, or as JSON.
#pragma once

#include <memory>
#include <string>

#include "cli/commands/run_panel.h"
#include "cli/commands/run_text.h"
#include "cli/term/panel.h"
#include "cli/term/progress.h"
#include "cli/term/session.h"
#include "core/base/json.h"

namespace ktrain {

enum class RunStyle { terminal, lines, json };

// Never throws: a reader that has gone away must not end the training. It is said once on the other stream.
class RunView {
public:
    RunView(term::Session& session, RunStyle style);

    void show(const Json& event);

private:
    void show_json(const Json& event);
    void show_person(const Json& event);
    void start(const Json& event);
    void progress(const Json& event);
    void rows(const Json& event, const RowWork& work);
    void stopped(const Json& event);
    void step(const Json& event);
    void evaluation(const Json& event);
    void epoch(const Json& event);
    void end(const Json& event);
    void print(const std::string& line);
    void clear();

    term::Session& session_;
    RunStyle style_;
    term::Progress progress_;
    term::Panel panel_;
    RunPanel live_;
    bool closed_ = false;  // standard output cannot be written any more
    bool table_begun_ = false;
};

}  // namespace ktrain
