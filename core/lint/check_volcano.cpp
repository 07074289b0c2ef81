// Volcano's Job and CronJob: what its webhook refuses.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/operators.h"

namespace ktrain::lint {
namespace {

// Events that Volcano has, and makes no policies for.
constexpr std::array<std::string_view, 3> inner_events{"CommandIssued", "OutOfSync", "PodRunning"};
constexpr std::array<std::string_view, 8> actions{"AbortJob",   "CompleteJob", "RestartJob", "RestartPartition",
                                                  "RestartPod", "RestartTask", "ResumeJob",  "TerminateJob"};
constexpr std::array<std::string_view, 8> plugins{"env", "hcclrank", "mpi", "pytorch",
                                                  "ray", "ssh",      "svc", "tensorflow"};

void check_word(const Spot& word, std::span<const std::string_view> words, std::string_view what, Findings& findings) {
    if (!word.is(yaml::Kind::string) || std::ranges::find(words, word.text()) != words.end()) return;
    const std::string near = nearest(word.text(), words);
    std::string all;
    for (const std::string_view one : words) all += (all.empty() ? "" : ", ") + std::string(one);
    findings.add("KT006", word.place(), "there is no " + std::string(what) + " " + shown(word.text()),
                 near.empty() ? "write one of " + all : "did you mean '" + near + "'?");
}

// The events of a policy, whichever way they are written.
std::vector<Spot> events_of(const Spot& policy) {
    std::vector<Spot> found = policy["events"].items();
    if (!policy["event"].text().empty()) found.push_back(policy["event"]);
    return found;
}

void check_policies(const Spot& policies, Findings& findings) {
    std::set<std::string, std::less<>> seen;
    std::set<std::int64_t> codes;
    for (const Spot& policy : policies.items()) {
        const std::vector<Spot> named = events_of(policy);
        const Spot code = policy["exitCode"];
        if (!named.empty() && code) {
            forbid(findings, code, "the policy is for an event");
        } else if (named.empty() && !code) {
            require(findings, policy["event"], "a policy is for an event or an exitCode");
        } else if (code) {
            const auto number = number_of(code);
            if (number == 0) contradict(findings, code, "exitCode 0 is no failure", "write another number");
            if (number && *number != 0 && !codes.insert(*number).second)
                contradict(findings, code, "another policy is for exitCode " + std::to_string(*number),
                           "keep one of them");
        }
        std::set<std::string, std::less<>> own;
        for (const Spot& event : named) {
            if (std::ranges::find(inner_events, event.text()) != inner_events.end())
                contradict(findings, event, "no policy can be for the event " + shown(event.text()),
                           "write PodFailed, PodEvicted, TaskCompleted, TaskFailed or *");
            if (own.emplace(event.text()).second && !seen.emplace(event.text()).second)
                contradict(findings, event, "another policy is for the event " + shown(event.text()),
                           "keep one of them");
        }
        if (!named.empty()) check_word(policy["action"], actions, "action", findings);
    }
    if (seen.contains("*") && seen.size() > 1)
        contradict(findings, policies, "a policy for all events ('*') goes with no other", "keep one of them");
}

void check_topology_of(const Spot& topology, Findings& findings) {
    if (topology["highestTierAllowed"] && !topology["highestTierName"].text().empty())
        forbid(findings, topology["highestTierName"], "highestTierAllowed is set");
}

void check_partitions(const Spot& task, std::int64_t replicas, Findings& findings) {
    const Spot policy = task["partitionPolicy"];
    if (!policy) return;
    check_topology_of(policy["networkTopology"], findings);
    const std::int64_t total = number_of(policy["totalPartitions"]).value_or(0);
    const std::int64_t size = number_of(policy["partitionSize"]).value_or(0);
    for (const char* field : {"totalPartitions", "partitionSize"}) {
        if (number_of(policy[field]).value_or(0) <= 0)
            return contradict(findings, policy[field], std::string(field) + " is not above 0", "write 1 or more");
    }
    if (static_cast<double>(total) * static_cast<double>(size) != static_cast<double>(replicas))
        return contradict(findings, task["replicas"],
                          "replicas is not totalPartitions times partitionSize, which are " + std::to_string(total) +
                              " and " + std::to_string(size),
                          "write their product");
    const Spot least = task["minAvailable"];
    const std::int64_t partitions = number_of(policy["minPartitions"]).value_or(0);
    if (least && partitions > 0 && number_of(least).value_or(0) != partitions * size)
        contradict(findings, least, "minAvailable is not minPartitions times partitionSize",
                   "write " + std::to_string(partitions * size) + ", or remove it");
}

using Graph = std::map<std::string, std::vector<std::string>, std::less<>>;

bool reaches(const Graph& graph, const std::string& from) {
    std::set<std::string, std::less<>> found;
    std::vector<std::string> open{from};
    while (!open.empty()) {
        const auto here = graph.find(open.back());
        open.pop_back();
        if (here == graph.end()) continue;
        for (const std::string& next : here->second) {
            if (next == from) return true;
            if (found.insert(next).second) open.push_back(next);
        }
    }
    return false;
}

void check_order(const std::vector<Spot>& tasks, Findings& findings) {
    Graph graph;
    constexpr std::size_t most = 1000;  // each task is compared with all it waits for
    if (tasks.size() > most) return;
    for (const Spot& task : tasks) {
        std::vector<std::string>& needs = graph[std::string(task["name"].text())];
        for (const Spot& name : task["dependsOn"]["name"].items()) needs.emplace_back(name.text());
    }
    for (const Spot& task : tasks) {
        for (const Spot& name : task["dependsOn"]["name"].items()) {
            if (!graph.contains(name.text()))
                contradict(findings, name, "no task is called " + shown(name.text()), "name a task of this job");
        }
    }
    for (const Spot& task : tasks) {
        const std::string name(task["name"].text());
        if (!reaches(graph, name)) continue;
        contradict(findings, task["dependsOn"],
                   "the task " + shown(name) + " waits for itself, by way of what it depends on",
                   "remove one of the dependencies");
        return;
    }
}

// The task that the plugin takes for that of the launcher.
std::string master_of(const Spot& flags) {
    const std::vector<Spot> items = flags.items();
    for (std::size_t i = 0; i < items.size(); ++i) {
        std::string_view text = items[i].text();
        if (!text.starts_with('-')) continue;
        text.remove_prefix(text.starts_with("--") ? 2 : 1);
        if (text.starts_with("master=")) return std::string(text.substr(7));
        if (text == "master" && i + 1 < items.size()) return std::string(items[i + 1].text());
    }
    return "master";
}

void check_plugins(const Spot& spec, Findings& findings) {
    for (const Spot& plugin : spec["plugins"].members()) {
        const std::string name = yaml::key_text(*plugin.key);
        if (std::ranges::find(plugins, name) != plugins.end()) continue;
        const std::string near = nearest(name, plugins);
        findings.add("KT006", plugin.key_place(), "Volcano has no plugin " + shown(name),
                     near.empty() ? "remove it, unless your Volcano loads it" : "did you mean '" + near + "'?",
                     near.empty() ? std::optional(Severity::warning) : std::nullopt);
    }
    if (!spec["plugins"].is(yaml::Kind::mapping)) return;
    const Spot mpi = spec["plugins"]["mpi"];
    if (!mpi) return;
    const std::string master = master_of(mpi);
    const std::vector<Spot> tasks = spec["tasks"].items();
    if (std::ranges::none_of(tasks, [&](const Spot& task) { return task["name"].text() == master; }))
        findings.add("KT030", mpi.key_place(),
                     "the plugin mpi looks for a task " + shown(master) + ", and there is none",
                     "call the launcher's task " + master + ", or write --master=NAME");
}

void check_volumes(const Spot& volumes, Findings& findings) {
    std::set<std::string, std::less<>> seen;
    for (const Spot& volume : volumes.items()) {
        const Spot path = volume["mountPath"];
        if (path.is(yaml::Kind::string) && path.text().empty())
            contradict(findings, path, "mountPath is empty", "write a path");
        if (!path.text().empty() && !seen.emplace(path.text()).second)
            contradict(findings, path, "another volume is mounted at " + shown(path.text()), "give each its own path");
        const Spot claim = volume["volumeClaim"];
        const bool named = !volume["volumeClaimName"].text().empty();
        if (!claim && !named) require(findings, volume["volumeClaimName"], "there is no volumeClaim either");
        if (claim && named) forbid(findings, claim, "volumeClaimName names a claim that is there");
    }
}

// `job`: its name; empty: not known yet.
void check_spec(const Spot& spec, const std::string& job, Findings& findings) {
    if (!spec.is(yaml::Kind::mapping)) return;
    const std::vector<Spot> tasks = spec["tasks"].items();
    if (!spec["tasks"]) return require(findings, spec["tasks"], "a job has tasks");
    std::set<std::string, std::less<>> names;
    std::int64_t total = 0;
    bool ordered = false;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const Spot& task = tasks[i];
        const std::int64_t replicas = number_of(task["replicas"]).value_or(0);
        total += replicas;
        const Spot least = task["minAvailable"];
        if (replicas >= 0 && number_of(least).value_or(0) > replicas)  // below 0: KT004
            contradict(
                findings, least,
                "minAvailable is " + std::to_string(*number_of(least)) + ", replicas is " + std::to_string(replicas),
                "write " + std::to_string(replicas) + " or less");
        const Spot name = task["name"];
        if (!name.text().empty() && !names.emplace(name.text()).second)
            findings.add("KT018", name.place(), "another task is called " + shown(name.text()),
                         "give each task its own name");
        const std::string pod = job + "-" + std::string(name.text()) + "-" + std::to_string(i);
        if (!job.empty() && pod.size() > 63)
            findings.add("KT021", (name ? name : task).place(),
                         "a pod would be called " + shown(pod) + ", " + std::to_string(pod.size()) +
                             " characters; at most 63 are allowed",
                         "shorten the names that it is made of: job, task");
        check_policies(task["policies"], findings);
        check_partitions(task, replicas, findings);
        ordered = ordered || task["dependsOn"];
    }
    const Spot least = spec["minAvailable"];
    if (number_of(least).value_or(0) > total)
        contradict(findings, least,
                   "minAvailable is " + std::to_string(*number_of(least)) + ", the tasks have " +
                       std::to_string(total) + " replicas",
                   "write " + std::to_string(total) + " or less: no pod would ever start");
    check_policies(spec["policies"], findings);
    check_topology_of(spec["networkTopology"], findings);
    check_plugins(spec, findings);
    check_volumes(spec["volumes"], findings);
    if (ordered) check_order(tasks, findings);
}

}  // namespace

void check_volcano_job(const Object& object, Findings& findings) {
    check_spec(object.root["spec"], object.name(), findings);
}

void check_volcano_cron(const Object& object, Findings& findings) {
    check_spec(object.root["spec"]["jobTemplate"]["spec"], "", findings);
}

void check_volcano_topology(const Object& object, Findings& findings) {
    for (const Spot& member : object.root["spec"]["members"].items()) {
        const Spot selector = member["selector"];
        int count = 0;
        for (const char* way : {"exactMatch", "regexMatch", "labelMatch"}) count += selector[way] ? 1 : 0;
        if (selector.is(yaml::Kind::mapping) && count != 1)
            contradict(findings, selector, "a selector has one of exactMatch, regexMatch and labelMatch",
                       count == 0 ? "add one of them" : "keep one of them");
    }
}

}  // namespace ktrain::lint
