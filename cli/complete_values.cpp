// Providers of live names, one case for each kind.
#include "cli/complete_values.h"

#include "core/kube/completion.h"
#include "core/spec/fields.h"

namespace ktrain {
namespace {

// The value that a finished word gives the flag: "--context=a", "--context a", "-n a".
std::string value_of(std::span<const std::string> words, const std::string& name, const std::string& short_name) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i].starts_with("--" + name + "=")) return words[i].substr(name.size() + 3);
        const bool value_follows = words[i] == "--" + name || (!short_name.empty() && words[i] == short_name);
        if (value_follows && i + 2 < words.size()) return words[i + 1];
    }
    return "";
}

std::vector<Candidate> plain(const std::vector<std::string>& names) {
    std::vector<Candidate> candidates;
    for (const auto& name : names) candidates.push_back({name, ""});
    return candidates;
}

// "training.learning_rate=" for every leaf of the spec, with its help.
std::vector<Candidate> fields() {
    std::vector<Candidate> candidates;
    const TrainingSpec spec;
    spec::Fields<TrainingSpec>::list(spec, [&](const spec::Field& group, const auto& member) {
        using Member = std::decay_t<decltype(member)>;
        if constexpr (requires { spec::Fields<Member>::list(member, [](const spec::Field&, const auto&) {}); }) {
            spec::Fields<Member>::list(member, [&](const spec::Field& leaf, const auto&) {
                candidates.push_back({std::string(group.name) + "." + std::string(leaf.name) + "=", std::string(leaf.help)});
            });
        } else {
            candidates.push_back({std::string(group.name) + "=", std::string(group.help)});
        }
    });
    return candidates;
}

}  // namespace

std::vector<Candidate> live_values(term::Session& session, term::Complete kind, std::span<const std::string> words) {
    const kube::ConnectionFlags cluster{.kubeconfig = value_of(words, "kubeconfig", ""),
                                        .context = value_of(words, "context", ""),
                                        .namespace_ = value_of(words, "namespace", "-n")};
    switch (kind) {
        case term::Complete::context: return plain(kube::list_contexts(cluster, session.env, session.files));
        case term::Complete::namespace_:
            return plain(kube::list_namespaces(cluster, session.env, session.files, session.clock));
        case term::Complete::job: return plain(kube::list_jobs(cluster, session.env, session.files, session.clock));
        case term::Complete::shell: return plain({"bash", "fish", "zsh"});
        case term::Complete::field: return fields();
        case term::Complete::none:
        case term::Complete::file:
        case term::Complete::folder: return {};  // the shell knows its files
    }
    return {};
}

}  // namespace ktrain
