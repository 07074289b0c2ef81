// KX609 to KX611: code that is fetched at start, proxies and name servers that break the network of the cluster.
#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/lint/references.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

struct Fetch {
    std::string_view words;
    std::string_view what;
    std::string_view fix;
};

// In a command or a line of a shell.
constexpr std::array fetches{
    Fetch{"apt-get install", "installs packages at start", "install them when the image is built"},
    Fetch{"apt install", "installs packages at start", "install them when the image is built"},
    Fetch{"conda install", "installs packages at start", "install them when the image is built"},
    Fetch{"git clone", "fetches code at start", "copy the code into the image, or fetch one commit of it"},
    Fetch{"pip install", "installs packages at start", "install them when the image is built"},
    Fetch{"pip3 install", "installs packages at start", "install them when the image is built"},
};

bool is_word_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// "pip install x" and, as words of a list, "pip" "install" "x".
std::string joined(Value container) {
    std::string text;
    for (const char* list : {"command", "args"}) {
        for (const yaml::Node& node : container[list].items()) {
            text += Value(node).text();
            text += ' ';
        }
    }
    return text.append(container["source"].text());
}

bool has_words(std::string_view text, std::string_view words) {
    for (std::size_t at = text.find(words); at != std::string_view::npos; at = text.find(words, at + 1)) {
        if (at == 0 || !is_word_character(text[at - 1])) return true;
    }
    return false;
}

// The value in which the first of the words stands.
Value holder(Value container, std::string_view words) {
    const std::string_view first = words.substr(0, words.find(' '));
    for (const char* list : {"command", "args"}) {
        for (const yaml::Node& node : container[list].items()) {
            if (has_words(Value(node).text(), words) || Value(node).text() == first) return node;
        }
    }
    return container["source"] ? container["source"] : container["command"] ? container["command"] : container["args"];
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

void check_fetches(const Object& object, Value container, Findings& findings) {
    const std::string text = joined(container);
    for (const Fetch& fetch : fetches) {
        if (!has_words(text, fetch.words) || text.find("--no-index") != std::string::npos) continue;
        findings.add("KX609", locate(object, holder(container, fetch.words)).place(),
                     "'" + std::string(fetch.words) + "' " + std::string(fetch.what) +
                         ": each retry may get other code, and all pods wait for the network",
                     std::string(fetch.fix));
        return;  // the same remedy for what else is fetched
    }
    const std::size_t pipe = text.find('|');
    const bool download = has_words(text, "curl ") || has_words(text, "wget ");
    const std::string_view target =
        trim(pipe == std::string::npos ? std::string_view() : std::string_view(text).substr(pipe + 1));
    if (download && (target.starts_with("sh") || target.starts_with("bash") || target.starts_with("python")))
        findings.add("KX609", locate(object, holder(container, has_words(text, "curl ") ? "curl " : "wget ")).place(),
                     "a script from the network is run at start", "copy it into the image");
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

void check_remote_code(const Object& object, const Bundle&, Findings& findings) {
    for (const PodTemplate& pod : object.templates) {
        for (Value container : containers_of(pod)) {
            check_trust(object, container, findings);
            check_fetches(object, container, findings);
        }
    }
}

void check_pod_network(const Object& object, const Bundle&, Findings& findings) {
    for (const PodTemplate& pod : object.templates) {
        for (Value container : containers_of(pod)) check_proxy(object, container, findings);
        check_name_servers(pod, findings);
    }
}

}  // namespace ktrain::lint
