// KX609 to KX611: code that is fetched at start, proxies and name servers that break the network of the cluster.
#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/lint/runners.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// A program that installs or fetches by this word, among its options.
struct Fetch {
    std::string_view program;
    std::string_view verb;
};

constexpr std::array fetches{
    Fetch{"apk", "add"},      Fetch{"apt", "install"},   Fetch{"apt-get", "install"},    Fetch{"aptitude", "install"},
    Fetch{"conda", "create"}, Fetch{"conda", "install"}, Fetch{"dnf", "install"},        Fetch{"git", "clone"},
    Fetch{"mamba", "create"}, Fetch{"mamba", "install"}, Fetch{"micromamba", "install"}, Fetch{"microdnf", "install"},
    Fetch{"npm", "install"},  Fetch{"pip", "install"},   Fetch{"pipx", "install"},       Fetch{"yum", "install"},
};

bool is_shell(std::string_view name) {
    return name == "sh" || name == "bash" || name == "dash" || name == "ash" || name == "zsh";
}

bool is_python(std::string_view name) {
    return name.starts_with("python") && name.find_first_not_of("0123456789.", 6) == std::string_view::npos;
}

// "pip3.11" is pip.
std::string_view without_version(std::string_view name) {
    return name.starts_with("pip") && name.find_first_not_of("0123456789.", 3) == std::string_view::npos ? "pip" : name;
}

// The words from the one that says what is done: of "uv pip" and "python -m pip" those from pip on.
Words acting(Words words) {
    if (words.size() > 1 && base_name(words[0]) == "uv" && words[1] == "pip") return words.subspan(1);
    if (words.empty() || !is_python(base_name(words[0]))) return words;
    const auto module = std::ranges::find(words, std::string_view("-m"));
    return words.end() - module > 1 ? words.subspan(static_cast<std::size_t>(module - words.begin()) + 1) : words;
}

// Whether the word is the first that is no option; what follows an option may be its value.
bool has_verb(Words words, std::string_view verb) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == verb) return true;
        if (!looks_like_option(words[i]) && !looks_like_option(words[i - 1])) return false;
    }
    return false;
}

// Packages of the image alone, without what they need.
bool installs_own(Words words) {
    if (std::ranges::find(words, std::string_view("--no-deps")) == words.end()) return false;
    const auto install = std::ranges::find(words, std::string_view("install"));
    return install != words.end() && std::all_of(install + 1, words.end(), [](const std::string& word) {
               return word.starts_with('-') || word.starts_with('.') || word.starts_with('/');
           });
}

// "pip3.11 install", or "".
std::string fetched_by(const LaunchedCommand& command) {
    bool execs = false;
    const Words program = program_of(command, execs), words = acting(program);
    if (words.empty() || std::ranges::find(words, std::string_view("--no-index")) != words.end()) return "";
    if (installs_own(words)) return "";
    const std::string_view name = base_name(words[0]);
    for (const Fetch& fetch : fetches) {
        if (fetch.program != without_version(name) || !has_verb(words, fetch.verb)) continue;
        const bool by_uv = words.data() != program.data() && base_name(program[0]) == "uv";
        return (by_uv ? "uv " : "") + printable(name) + " " + std::string(fetch.verb);
    }
    return "";
}

bool downloads(const LaunchedCommand& command) {
    bool execs = false;
    const Words words = program_of(command, execs);
    return !words.empty() && (base_name(words[0]) == "curl" || base_name(words[0]) == "wget");
}

// "$(curl ...)", "<(wget ...)", and in backquotes.
bool holds_download(std::string_view word) {
    std::size_t front = word.starts_with("$(") || word.starts_with("<(") ? 2 : word.starts_with('`') ? 1 : 0;
    if (front == 0 || word.size() < front + 1) return false;
    LaunchedCommand inner;
    for (ShellCommand& first : read_shell(word.substr(front, word.size() - front - 1), {})) {
        inner.words = std::move(first.words);
        return downloads(inner);
    }
    return false;
}

// Programs that pass on what they read, if it is text; with a file to read they begin a pipe of their own.
constexpr std::array<std::string_view, 11> filters{"base64", "bunzip2", "cat", "envsubst", "grep", "gunzip",
                                                   "gzip",   "sed",     "tee", "tr",       "xz"};

bool passes_on(Words words) {
    if (words.empty() || std::ranges::find(filters, base_name(words[0])) == filters.end()) return false;
    const bool cat = base_name(words[0]) == "cat";
    return !cat || std::ranges::all_of(words.subspan(1), [](const std::string& word) { return word.starts_with('-'); });
}

// Whether the program runs what it reads: a shell or python without a script.
bool reads_program(Words words) {
    if (words.empty() || (!is_shell(base_name(words[0])) && !is_python(base_name(words[0])))) return false;
    for (const std::string& word : words.subspan(1)) {
        if (word == "-" || word == "-s") return true;
        if (!looks_like_option(word) || word == "-m" || word == "-c") return false;
    }
    return true;
}

// bash <(curl ...), eval "$(curl ...)", python -c "$(curl ...)"; of bash -c "$(curl ...)" the shell is gone already.
bool runs_download(Words words) {
    if (words.empty()) return false;
    if (holds_download(words[0])) return true;
    const std::string_view name = base_name(words[0]);
    const bool whole = name == "eval" || name == "source" || name == ".";
    if (!whole && !is_shell(name) && !is_python(name)) return false;
    for (const std::string& word : words.subspan(1)) {
        if (holds_download(word)) return true;
        if (!looks_like_option(word)) return false;
    }
    return false;
}

void check_trust(const Object& object, Value container, Findings& findings) {
    for (const char* list : {"command", "args"}) {
        const std::span<const yaml::Node> items = container[list].items();
        for (const yaml::Node& node : items) {
            std::string text(Value(node).text());
            std::ranges::replace(text, '-', '_');
            const std::size_t at = text.find("__trust_remote_code");
            if (at == std::string::npos) continue;
            const std::string after = text.substr(at + std::string_view("__trust_remote_code").size());
            const bool last = &node == &items.back();
            const std::string next = !after.empty() ? after.substr(1)
                                     : last         ? ""
                                                    : std::string(Value(*(&node + 1)).text());
            if (next.starts_with("False") || next.starts_with("false") || next.starts_with("0")) continue;
            findings.add("KX609", locate(object, node).place(),
                         "--trust_remote_code runs whatever code the model's repository holds when the job starts",
                         "leave it out, or give --code_revision (or --revision) with the commit that you have read");
        }
    }
}

// One for a container: the remedy of others is the same.
void check_fetches(const Object& object, Value container, const Launch& launch, Findings& findings) {
    bool found = false, download = false;  // what flows through the pipe is from the network
    each_command(container, launch, [&](const RunCommand& run) {
        if (found || run.command.words.empty()) return;
        const auto place = [&] { return locate(object, run.holder(run.command.words.front())).place(); };
        bool execs = false;
        const Words words = program_of(run.command, execs);
        download = download && run.command.piped;
        if (const std::string by = fetched_by(run.command); !by.empty()) {
            found = true;
            findings.add("KX609", place(),
                         "'" + by + "' " + (by == "git clone" ? "fetches code" : "installs packages") +
                             " at start: each retry may get other code, and all pods wait for the network",
                         by == "git clone" ? "copy the code into the image, or fetch one commit of it"
                                           : "install them when the image is built");
        } else if (runs_download(words) || (download && reads_program(words))) {
            found = true;
            findings.add("KX609", place(), "a script from the network is run at start", "copy it into the image");
        }
        download = run.command.piped && (downloads(run.command) || (download && passes_on(words)));
    });
}

// The variable of the name, in either case.
Value variable(Value container, std::string_view upper) {
    for (const yaml::Node& node : container["env"].items()) {
        const Value entry(node);
        std::string name(entry["name"].text());
        std::ranges::transform(name, name.begin(),
                               [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
        if (name == upper) return node;
    }
    return {};
}

constexpr const char* inside = "localhost,127.0.0.1,.svc,.cluster.local,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16";

void check_proxy(const Object& object, Value container, Findings& findings) {
    Value proxy;
    for (const char* name : {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}) {
        if (!proxy) proxy = variable(container, name);
    }
    if (!proxy || !container["envFrom"].items().empty()) return;
    const Value except = variable(container, "NO_PROXY");
    if (except && !except[std::string_view("value")]) return;  // from elsewhere
    const std::string_view names = except["value"].text();
    for (const char* covered : {".svc", "cluster.local", "*"}) {
        if (names.find(covered) != std::string_view::npos) return;
    }
    const Spot place = locate(object, except ? except : proxy);
    Diagnostic& finding = findings.add(
        "KX610", place.place(),
        except ? "NO_PROXY leaves out the Services of the cluster: traffic between pods goes to the proxy"
               : shown(proxy["name"].text()) + " without NO_PROXY: traffic between pods goes to the proxy too",
        std::string("set NO_PROXY: ") + inside + " (and the networks of your pods and Services)");
    if (!except)
        finding.changes = {
            {Change::Kind::add, locate(object, container["env"]).path, "", {{"name", "NO_PROXY"}, {"value", inside}}}};
}

void check_name_servers(const PodTemplate& pod, Findings& findings) {
    const Spot policy = pod.spec["dnsPolicy"];
    const std::size_t servers = Value(pod.spec)["dnsConfig"]["nameservers"].items().size();
    if (servers == 0 || (policy && policy.text() != "ClusterFirst" && policy.text() != "ClusterFirstWithHostNet"))
        return;
    constexpr std::size_t most = 3;  // that a resolver takes
    findings.add(
        "KX611", pod.spec["dnsConfig"]["nameservers"].key_place(),
        std::string("these name servers come after that of the cluster, and are asked only when it does not answer") +
            (servers >= most ? "; a pod takes three, so that the last is dropped" : ""),
        "remove them, or set dnsPolicy: None and name the servers of the cluster as well");
}

}  // namespace

void check_remote_code(const Object& object, const Bundle& bundle, Findings& findings) {
    each_container(object, bundle, [&](Value container, const Launch& launch) {
        check_trust(object, container, findings);
        check_fetches(object, container, launch, findings);
    });
}

void check_pod_network(const Object& object, const Bundle& bundle, Findings& findings) {
    each_container(object, bundle, [&](Value container, const Launch&) { check_proxy(object, container, findings); });
    for (const PodTemplate& pod : object.templates) check_name_servers(pod, findings);
}

}  // namespace ktrain::lint
