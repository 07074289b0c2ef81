// KT022: the words of a task's `depends`.
#include <algorithm>
#include <array>

#include "core/base/ascii.h"
#include "core/base/text.h"
#include "core/lint/check_argo.h"

namespace ktrain::lint {
namespace {

constexpr std::array<std::string_view, 8> results{"AllFailed", "AnySucceeded", "Daemoned", "Errored",
                                                  "Failed",    "Omitted",      "Skipped",  "Succeeded"};
constexpr std::array<std::string_view, 4> joints{"!=", "&&", "==", "||"};

bool is_word(char c) {
    return ascii::is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
}

// Reads tasks, brackets and what joins them, from left to right.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    ArgoDepends read() {
        for (rest_ = trim(rest_); !rest_.empty(); rest_ = trim(rest_)) {
            if (is_word(rest_.front())) {
                word();
            } else {
                sign();
            }
        }
        if (wanted_) problem("it ends where a task is wanted");
        if (open_ > 0) problem("a bracket is not closed");
        return std::move(found_);
    }

private:
    void problem(std::string text) {
        if (found_.problem.empty()) found_.problem = std::move(text);
    }

    void word() {
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_word);
        const std::string_view text = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(text.size());
        if (!wanted_) return problem("there is nothing that joins " + shown(text) + " to what stands before it");
        const std::size_t dot = text.find('.');
        found_.parts.push_back(
            {text.substr(0, dot), dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1)});
        wanted_ = false;
    }

    void sign() {
        const std::string_view two = rest_.substr(0, 2);
        const bool joint = std::ranges::find(joints, two) != joints.end();
        const char one = rest_.front();
        if (joint) {
            if (wanted_) problem("a task is wanted before " + shown(two));
            wanted_ = true;
        } else if (one == '(' || one == '!') {
            if (!wanted_) problem("there is nothing that joins '" + std::string(1, one) + "' to what stands before it");
            if (one == '(') ++open_;
            wanted_ = true;
        } else if (one == ')') {
            if (wanted_) problem("a task is wanted before ')'");
            if (open_ == 0) problem("a bracket is closed that was not opened");
            open_ -= open_ > 0 ? 1 : 0;
            wanted_ = false;
        } else {
            problem(shown(rest_.substr(0, 1)) + " is no sign of it");
        }
        rest_.remove_prefix(joint ? 2 : 1);
    }

    std::string_view rest_;
    ArgoDepends found_;
    bool wanted_ = true;  // a task, next
    std::size_t open_ = 0;
};

// Whether it has more than tasks and what joins them, which is for Argo's language of expressions to read.
bool is_expression(std::string_view text) {
    return text.find_first_of("?\"'") != std::string_view::npos || text.find("{{") != std::string_view::npos;
}

}  // namespace

ArgoDepends read_argo_depends(std::string_view text) {
    ArgoDepends found = Reader(text).read();
    if (is_expression(text)) found.problem.clear();
    return found;
}

void check_argo_depends(const ArgoReport& report, Value depends, const ArgoNames& tasks) {
    const ArgoDepends read = read_argo_depends(depends.text());
    if (!read.problem.empty())
        return report.at(depends, "depends cannot be read: " + read.problem,
                         "join tasks with && and ||, turn them round with !, and put them in brackets");
    for (const auto& [name, result] : read.parts) {
        const auto task = tasks.find(name);
        if (task == tasks.end() || result.empty()) continue;
        if (std::ranges::find(results, result) == results.end()) {
            std::string near = nearest(result, results);
            if (near.empty()) near = "Succeeded";
            return report.at(depends, "there is no result " + shown(result) + " of a task",
                             "write " + std::string(name) + "." + near);
        }
        const Value loop = task->second;
        if ((result == "AnySucceeded" || result == "AllFailed") && !loop["withItems"] && !loop["withParam"] &&
            !loop["withSequence"])
            return report.at(depends, shown(result) + " is for tasks that loop, and " + shown(name) + " does not",
                             "write " + std::string(name) + (result == "AllFailed" ? ".Failed" : ".Succeeded"));
    }
}

}  // namespace ktrain::lint
