// The table of symptoms (templates/symptoms.yaml): what a message, an exit code or a line of a log means.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/advice/finding.h"
#include "core/base/regex.h"

namespace ktrain::advice {

// Where a symptom shows. The names in the table are those of `source_names`.
enum class Source {
    condition,      // of a workload or what it owns: reason; "Type: message"
    contract,       // the exit code of a container that runs ktrain: reason; code
    event,          // of a pod that does not start, or of its claim: reason; message
    exit,           // the exit code of any container: reason; code
    group,          // a gang of pods (PodGroup): reason; message
    log,            // a line of the log of a container that failed
    node,           // a condition of the node of a pod that runs: type; "Type=Status reason: message"
    pod,            // the pod's own end: reason; message
    queue,          // a condition of a Kueue Workload: reason; message
    refused,        // pods that could not be made: reason; message
    runtime,        // the end of a container, where the log cannot change it (OOMKilled): reason; code and message
    unschedulable,  // what the scheduler says: message
    waiting,        // a container that does not start: reason; message
};

struct Symptom {
    std::string cause;
    Source source = Source::log;
    std::shared_ptr<const Regex> reason, match;  // null: any
    std::string meaning, remedy, command;        // with {pod} and the like, {1} for the first group of `match`
    Severity severity = Severity::error;
    bool follower = false;     // mostly the consequence of another process's end
    bool general = false;      // names no cause of its own: what a log's last exception says
    bool anywhere = false;     // certain wherever in a log it stands
    bool consequence = false;  // says that something failed, not why
    bool soon = true;          // certain at once; false: it may pass by itself within a moment
};

// What the placeholders of a row stand for.
using Words = std::map<std::string, std::string>;

class Symptoms {
public:
    // Errors: Error{input} naming the row and what is wrong with it.
    static Symptoms parse(std::string_view yaml, const std::string& file);
    // The rows compiled into the program.
    static Symptoms built_in();

    const std::vector<Symptom>& rows() const { return rows_; }

    struct Match {
        const Symptom* row = nullptr;
        std::string line;                 // of the text, where it matched
        std::vector<std::string> groups;  // of `match`; [0] is all of it
        explicit operator bool() const { return row != nullptr; }
    };
    // The first row of the source that fits; of logs, cause_in_log() in log_cause.h finds it.
    Match find(Source source, std::string_view reason, std::string_view text) const;

private:
    std::vector<Symptom> rows_;
};

std::string_view name_of(Source source);

// The text with its placeholders replaced; those without a word become "?".
std::string fill(std::string_view text, const Words& words);

// Puts what was said behind the summary, where the row's meaning serves many texts and has no word of this one.
void quote(const Symptoms::Match& match, std::string_view said, Finding& out);

// The finding that a row makes: summary, remedy and command filled in; the rest is the caller's.
Finding finding_of(const Symptoms::Match& match, Words words, int weight);

}  // namespace ktrain::advice
