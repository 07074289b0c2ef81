// How the pods of a plain Job or StatefulSet find each other: no operator does it for them.
#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

// Where the processes meet, as the container has it.
struct Meeting {
    std::string host;  // empty: nowhere
    Spot at;
};

std::string host_of(std::string_view address) {
    if (address.starts_with('[')) return std::string(address.substr(1, address.find(']') - 1));  // IPv6
    return std::string(address.substr(0, address.find(':')));
}

Meeting meeting_of(const Container& container) {
    if (const Option* option = container.launch.rendezvous()) return {host_of(option->value), container.at(*option)};
    for (const char* name : {"MASTER_ADDR", "PET_MASTER_ADDR", "PET_RDZV_ENDPOINT"}) {
        for (const Spot& entry : container.spot["env"].items()) {
            if (entry["name"].text() == name) return {host_of(entry["value"].text()), entry["value"]};
        }
    }
    return {"", container.spot};
}

constexpr std::array<std::string_view, 14> own_addresses{
    "$(HOSTNAME)", "$(POD_IP)", "$(hostname -I)", "$(hostname -i)", "$(hostname)", "$HOSTNAME",  "$POD_IP",
    "${HOSTNAME}", "${POD_IP}", "0.0.0.0",        "127.0.0.1",      "::1",         "`hostname`", "localhost"};

bool is_here(std::string_view host) {
    return std::ranges::find(own_addresses, host) != own_addresses.end();
}

// Whether the command may set the address itself, or read it from a file.
bool may_know_more(const Container& container) {
    const Launch& launch = container.launch;
    if (!Value(container.spot)["envFrom"].items().empty() || launch.option({"config_file"}) != nullptr) return true;
    return std::ranges::any_of(launch.commands, [](const LaunchedCommand& command) {
        return std::ranges::any_of(command.words, [](const std::string& word) {
            return word.starts_with("MASTER_ADDR=") || word.starts_with("PET_");
        });
    });
}

// Whether the host is a pod of this object ("NAME-0.SERVICE"): others may be anywhere.
bool is_own_pod(const Training& training, std::string_view host) {
    const std::string prefix = training.work.object->name() + "-";
    if (prefix == "-" || !host.starts_with(prefix)) return false;
    const std::string_view number = host.substr(prefix.size(), host.find('.') - prefix.size());
    return !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
}

// The completions of a Job whose command waits for as many nodes, however few run at a time; 0: another Job.
std::int64_t nodes_of_job(const Training& training, const Launch& launch) {
    const Option* nodes = launch.nodes();
    const std::int64_t completions = Value(training.work.spec["completions"]).number().value_or(0);
    return training.work.is("Job", "batch") && nodes != nullptr && nodes->number() == completions ? completions : 0;
}

// Whether the processes of all pods are one training.
bool is_joint(const Training& training, const PodGroup& group, const Container& container) {
    const Launch& launch = container.launch;
    const Option* nodes = launch.nodes();
    const std::int64_t pods = std::max(group.replicas, nodes_of_job(training, launch));
    if (pods < 2 || !launch.is_distributed() || launch.standalone()) return false;
    if (launch.launcher == Launcher::mpirun || launch.launcher == Launcher::deepspeed) return false;
    if (nodes != nullptr) return nodes->number().value_or(2) > 1;
    return training.work.trains && !meeting_of(container).host.empty() && !is_here(meeting_of(container).host);
}

const Object* service_of(const Training& training, std::string_view name) {
    const Spot own = training.work.object->root["metadata"]["namespace"];
    return training.bundle.first("/Service/" + std::string(own.text()) + "/" + std::string(name));
}

// The domain of the group's pods; absent: they have none.
Spot domain_of(const Training& training, const PodGroup& group) {
    return training.work.is("StatefulSet", "apps") ? training.work.spec["serviceName"] : group.spec["subdomain"];
}

// A name by which no pod of the object is found: without the domain, with a number that none has, or in the domain and
// of another form than NAME-NUMBER. Returns what is wrong with it, or "".
std::string host_problem(const Training& training, const PodGroup& group, const std::string& host) {
    const std::string_view domain = domain_of(training, group).text();
    const std::vector<std::string> parts = split(host, '.');
    const std::string name = training.work.object->name();
    const std::string pods = printable(name) + "-0 to " + printable(name) + "-" + std::to_string(group.replicas - 1);
    if (name.empty() || host.find_first_not_of("0123456789.:") == std::string::npos) return "";
    if (is_own_pod(training, host)) {
        if (parts.size() == 1) return "the name of a pod is known with its Service alone";
        Option number;
        number.value = parts[0].substr(name.size() + 1);
        if (number.number().value_or(0) >= group.replicas) return "the pods are " + pods;
        const std::string_view space = training.work.object->root["metadata"]["namespace"].text();
        const bool elsewhere = parts.size() > 2 && !space.empty() && parts[2] != space;
        return elsewhere ? "the pods are in the namespace " + shown(space) : "";
    }
    if (domain.empty()) return "";
    if (parts.size() > 1 && parts[1] == domain) return "the pods are " + pods;
    return parts[0] == domain ? "it is the name of all pods, and each may take another for the first" : "";
}

// Returns whether the name is good, as far as it can be told.
bool check_host(const Training& training, const PodGroup& group, const Meeting& meeting) {
    const std::string problem = host_problem(training, group, meeting.host);
    if (problem.empty()) return true;
    const std::string_view domain = domain_of(training, group).text();
    const std::string first =
        printable(training.work.object->name()) + "-0." + (domain.empty() ? std::string("SERVICE") : printable(domain));
    training.add("KD212", meeting.at.place(), "no pod is found as " + shown(meeting.host) + ": " + problem,
                 "write " + first, Severity::error);
    return false;
}

void check_service_for(const Training& training, const PodGroup& group, const Meeting& meeting) {
    const std::string host = meeting.host;
    const std::size_t dot = host.find('.');
    const std::string_view rest = dot == std::string::npos ? "" : std::string_view(host).substr(dot + 1);
    const std::string service(rest.substr(0, rest.find('.')));
    const Spot domain = domain_of(training, group);
    if (service.empty() || !is_own_pod(training, host)) return;
    if (domain.text() != service) {
        Diagnostic& found =
            training.add("KD212", meeting.at.place(),
                         "no pod is called " + shown(host) + ": pods have names in DNS only with " +
                             (domain ? "that subdomain" : "a subdomain"),
                         "write subdomain: " + printable(service) + " in the pod template", Severity::error);
        if (!domain && training.work.is("Job", "batch"))
            found.changes.push_back(added(group.spec, {"subdomain"}, service));
        return;
    }
    const Object* object = service_of(training, service);
    if (object == nullptr) {
        training.add("KD212", domain.place(),
                     "no Service " + shown(service) + " is among these objects: it names the pods",
                     "add a Service with clusterIP: None and publishNotReadyAddresses: true", Severity::warning);
        return;
    }
    const Spot spec = object->root["spec"];
    if (spec["clusterIP"].text() != "None")
        training.add("KD212", domain.place(), "the Service " + shown(service) + " is not headless: it names no pods",
                     "write clusterIP: None in it", Severity::error);
    else if (spec["publishNotReadyAddresses"].text() != "true")
        training.add("KD212", domain.place(),
                     "the Service " + shown(service) + " names pods only once they are ready, and they look earlier",
                     "write publishNotReadyAddresses: true in it", Severity::warning);
}

// Whether the number of a pod decides something: its rank, or the name of the first.
bool needs_index(const Training& training, const Container& container, const Meeting& meeting) {
    if (is_own_pod(training, meeting.host)) return true;
    const Option* rank = container.launch.node_rank();
    return rank != nullptr && rank->value.find("JOB_COMPLETION_INDEX") != std::string::npos;
}

// Returns whether the pods are numbered.
bool check_indexed(const Training& training, const PodGroup& group, const Container& container,
                   const Meeting& meeting) {
    const Spot job = training.work.spec;
    const Spot mode = job["completionMode"], completions = job["completions"], parallel = job["parallelism"];
    const std::int64_t wanted = Value(completions).number().value_or(group.replicas);
    const std::int64_t together = Value(parallel).number().value_or(1);
    if (mode.text() != "Indexed") {
        const bool needed = needs_index(training, container, meeting);
        Diagnostic& found =
            training.add("KD213", (mode ? mode : job["completionMode"]).place(),
                         std::string("the pods train together and are not numbered: ") +
                             (needed ? "none has the rank or the name that the command uses"
                                     : "each that ends early is taken for done, and started in vain again"),
                         "write completionMode: Indexed and completions: " + std::to_string(together),
                         needed ? Severity::error : Severity::warning);
        if (!mode) found.changes.push_back(added(job, {"completionMode"}, "Indexed"));
        if (mode) found.changes.push_back(replaced(mode, "Indexed"));
        if (!completions) found.changes.push_back(added(job, {"completions"}, together));
        return false;
    }
    if (wanted != together)
        training.add(
            "KD213", parallel.place(),
            std::to_string(wanted) + " pods train together, and " + std::to_string(together) + " may run at a time",
            "make parallelism and completions the same", Severity::error);
    return true;
}

}  // namespace

void check_rendezvous(Training& training) {
    const bool job = training.work.is("Job", "batch");
    if (!job && !training.work.is("StatefulSet", "apps")) return;
    for (const PodGroup& group : training.work.groups) {
        const Container* trainer = group.trainer();
        // A Job of many completions, one after the other, has fewer pods at a time.
        if (trainer == nullptr || !is_joint(training, group, *trainer)) continue;
        const Meeting meeting = meeting_of(*trainer);
        if (job && !check_indexed(training, group, *trainer, meeting)) continue;
        if (meeting.host.empty() && meeting.at.node == trainer->spot.node && !may_know_more(*trainer)) {
            training.add("KD212", trainer->entry(trainer->launch.item).place(),
                         std::to_string(group.replicas) + " pods train together, and nothing says where they meet",
                         "set --rdzv_endpoint or MASTER_ADDR to the first pod: NAME-0.SERVICE", Severity::error);
        } else if (is_here(meeting.host)) {
            training.add("KD212", meeting.at.place(),
                         "each pod would wait for the others at its own address, " + meeting.host,
                         "name the first pod: NAME-0.SERVICE", Severity::error);
        } else if (!meeting.host.empty() && meeting.host.find('$') == std::string::npos &&
                   check_host(training, group, meeting)) {
            check_service_for(training, group, meeting);
        }
    }
}

}  // namespace ktrain::lint
