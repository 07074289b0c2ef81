// KT022: the tasks of a DAG: what they wait for, and which results they may read.
#include <algorithm>
#include <cstdint>
#include <functional>

#include "core/base/text.h"
#include "core/lint/check_argo.h"

namespace ktrain::lint {
namespace {

// The tasks and which waits for which.
class Dag {
public:
    Dag(const ArgoReport& report, ArgoScope scope) : report_(report), scope_(std::move(scope)) {
        for (const yaml::Node& node : tasks().items()) {
            const Value task(node);
            if (!task) continue;
            names_.emplace(task["name"].text(), task);
            numbers_.emplace(task["name"].text(), list_.size());
            list_.push_back(task);
            by_depends_ = by_depends_ || !task["depends"].text().empty();
        }
        known_.reserve(names_.size());
        for (const auto& [name, task] : names_) known_.emplace_back(name);
        scope_.group = "tasks";
        scope_.calls = &names_;
    }

    void check() {
        for (const Value task : list_) needs_.push_back(needs_of(task));
        order();
        if (cyclic_) cycle();
        for (std::size_t i = 0; i < list_.size(); ++i) {
            form(list_[i]);
            variables(i);
        }
        scope_.own = {};
        scope_.done = [this](std::string_view name) { return names_.contains(name); };
        targets();
        if (const Value outputs = scope_.model["outputs"]) check_argo_variables(report_, *outputs.node(), scope_);
    }

private:
    using Numbers = std::vector<std::size_t>;
    using Bits = std::vector<std::uint64_t>;  // one for each task

    Value tasks() const { return scope_.model["dag"]["tasks"]; }

    void unknown(std::string_view name, Value at) {
        if (name.empty() || name.find("{{") != std::string_view::npos) return;
        const std::string near = nearest(name, known_);
        report_.at(at, "the DAG has no task " + shown(name),
                   near.empty() ? "name a task of the same DAG" : "did you mean '" + near + "'?");
    }

    // The tasks that this one waits for; reports those that there are not.
    Numbers needs_of(Value task) {
        Numbers found;
        const auto add = [&](std::string_view name, Value at) {
            const auto number = numbers_.find(name);
            if (number == numbers_.end()) return unknown(name, at);
            found.push_back(number->second);
        };
        if (const Value depends = task["depends"]; !depends.text().empty()) {
            for (const ArgoDepends::Part& part : read_argo_depends(depends.text()).parts) add(part.task, depends);
        } else {
            for (const yaml::Node& name : task["dependencies"].items()) add(Value(name).text(), name);
        }
        std::ranges::sort(found);
        found.erase(std::unique(found.begin(), found.end()), found.end());
        return found;
    }

    // before_: for each task, all that it waits for; empty where some wait for themselves, and of very many.
    void order() {
        std::vector<Numbers> after(list_.size());
        Numbers open(list_.size());
        Numbers ready;
        for (std::size_t i = 0; i < list_.size(); ++i) {
            for (const std::size_t need : needs_[i]) after[need].push_back(i);
            open[i] = needs_[i].size();
            if (open[i] == 0) ready.push_back(i);
        }
        Numbers place(list_.size());
        constexpr std::size_t most = 1000;  // each task is compared with all it waits for
        const bool few = list_.size() <= most;
        if (few) before_.assign(list_.size(), Bits((list_.size() + 63) / 64));
        for (std::size_t k = 0; k < ready.size(); ++k) {
            place[ready[k]] = k;
            if (few) collect(ready[k], place);
            for (const std::size_t next : after[ready[k]]) {
                if (--open[next] == 0) ready.push_back(next);
            }
        }
        cyclic_ = ready.size() < list_.size();
        if (cyclic_) before_.clear();
    }

    // `place`: of each task in the order in which they can run. The last ones bring most of the others with them.
    void collect(std::size_t task, const Numbers& place) {
        Numbers needs = needs_[task];
        std::ranges::sort(needs, std::greater(), [&](std::size_t need) { return place[need]; });
        Bits& mine = before_[task];
        for (const std::size_t need : needs) {
            if (waits(task, need)) continue;
            for (std::size_t i = 0; i < mine.size(); ++i) mine[i] |= before_[need][i];
            mine[need / 64] |= std::uint64_t{1} << (need % 64);
        }
    }

    bool waits(std::size_t task, std::size_t need) const { return (before_[task][need / 64] >> (need % 64) & 1) != 0; }

    bool waits_for_itself(std::size_t task) const {
        std::vector<bool> seen(list_.size());
        for (Numbers open{task}; !open.empty();) {
            const std::size_t here = open.back();
            open.pop_back();
            for (const std::size_t next : needs_[here]) {
                if (next == task) return true;
                if (!seen[next]) open.push_back(next);
                seen[next] = true;
            }
        }
        return false;
    }

    // Of the first in a cycle: the others in it are the same cause.
    void cycle() {
        for (std::size_t i = 0; i < list_.size(); ++i) {
            if (!waits_for_itself(i)) continue;
            const Value task = list_[i];
            return report_.at(
                task["depends"] ? task["depends"] : task["dependencies"],
                "the task " + shown(task["name"].text()) + " waits for itself, by way of what it depends on",
                "remove one of the dependencies");
        }
    }

    void form(Value task) {
        const Value dependencies = task["dependencies"];
        if (by_depends_ && dependencies)
            report_.at(dependencies, "one DAG uses both depends and dependencies",
                       "write depends: \"a && b\" in all its tasks");
        if (by_depends_ && task["continueOn"])
            report_.key(task["continueOn"], "continueOn does not go with depends",
                        "write depends: \"TASK.Succeeded || TASK.Failed\"", task);
        const std::string_view name = task["name"].text();
        if ((by_depends_ || !dependencies.items().empty()) && !name.empty() && name[0] >= '0' && name[0] <= '9')
            report_.at(task["name"], "the name of a task in a DAG whose tasks wait for each other begins with a digit",
                       "begin it with a letter", task);
        if (!task["depends"].text().empty()) check_argo_depends(report_, task["depends"], names_);
    }

    void variables(std::size_t task) {
        scope_.own = list_[task];
        scope_.done = [this, task](std::string_view name) {
            const auto number = numbers_.find(name);
            return number != numbers_.end() && (before_.empty() || waits(task, number->second));
        };
        check_argo_variables(report_, *list_[task].node(), scope_);
    }

    void targets() {
        const Value target = scope_.model["dag"]["target"];
        if (target.text().find("{{") != std::string_view::npos)
            return check_argo_variables(report_, *target.node(), scope_);
        for (const std::string& name : split(target.text(), ' ')) {
            if (!numbers_.contains(name)) unknown(name, target);
        }
    }

    const ArgoReport& report_;
    ArgoScope scope_;
    std::vector<Value> list_;
    ArgoNames names_;
    std::map<std::string_view, std::size_t, std::less<>> numbers_;
    std::vector<std::string> known_;
    std::vector<Numbers> needs_;
    std::vector<Bits> before_;
    bool by_depends_ = false, cyclic_ = false;
};

}  // namespace

void check_argo_dag(const ArgoReport& report, ArgoScope scope) {
    Dag(report, std::move(scope)).check();
}

}  // namespace ktrain::lint
