// KX601, KX613 and KT028: the images of pods, and placeholders that nobody filled in.
#include <algorithm>
#include <array>

#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/image_name.h"
#include "core/lint/kustomize.h"
#include "core/lint/runners.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// "registry:5000/team/image:tag@sha256:..." -> "tag"; empty when there is none.
std::string_view tag_of(std::string_view image) {
    std::string_view name = image.substr(0, image.find('@'));
    std::size_t slash = name.rfind('/');
    std::string_view last = slash == std::string_view::npos ? name : name.substr(slash + 1);
    std::size_t colon = last.find(':');
    return colon == std::string_view::npos ? std::string_view() : last.substr(colon + 1);
}

// Words of tags that are given to one image after the other.
constexpr std::array<std::string_view, 18> moving{"beta",    "canary",   "current", "dev",     "develop", "edge",
                                                  "head",    "latest",   "lts",     "main",    "master",  "nightly",
                                                  "rolling", "snapshot", "stable",  "testing", "trunk",   "unstable"};

// A number, a date, a version or a commit.
bool is_fixed(std::string_view part) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!part.empty() && is_digit(part[0])) return true;
    if (part.size() > 1 && part[0] == 'v' && is_digit(part[1])) return true;
    return part.size() >= 7 && part.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Whether the tag begins with such a word, and nothing in it says which image is meant ("main-gpu", "nightly-cuda12").
bool is_moving(std::string_view tag) {
    std::string word = lower(tag);
    std::ranges::replace(word, '_', '-');
    const std::vector<std::string> parts = split(word, '-');
    return std::ranges::find(moving, parts.front()) != moving.end() &&
           std::none_of(parts.begin() + 1, parts.end(), is_fixed);
}

// Whether a kustomization puts a name, or a tag or digest that stays, in place of those of the image.
bool is_set(const Kustomize& kustomize, std::string_view image, bool name) {
    std::string_view written = image.substr(0, image.find('@'));
    if (const std::string_view tag = tag_of(written); !tag.empty()) written.remove_suffix(tag.size() + 1);
    return std::ranges::any_of(kustomize.images(), [&](const Kustomize::Image& set) {
        const bool pinned = !set.digest.empty() || (!set.new_tag.empty() && !is_moving(set.new_tag));
        return set.name == written && (name ? !set.new_name.empty() : pinned);
    });
}

// Names of images are in small letters: words in capitals, variables and the like are to be replaced.
bool is_image_placeholder(std::string_view image) {
    if (is_placeholder(image)) return true;
    if (image.find("{{") != std::string_view::npos) return false;  // of a Workflow, which fills it in itself
    if (image.find_first_of("${}%") != std::string_view::npos) return true;
    std::string_view name = image.substr(0, image.find('@'));
    const std::string_view tag = tag_of(name);
    if (!tag.empty()) name.remove_suffix(tag.size() + 1);
    std::string word;
    const auto fills = [&] {
        const bool capitals = word.size() > 1 && lower(word) != word &&
                              word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == std::string::npos;
        const bool yours = word.size() > 5 && word.starts_with("your") && word != "yourself";
        const bool filler = word == "xxx" || word == "todo" || word == "username";
        word.clear();
        return capitals || yours || filler;
    };
    for (const char c : name) {
        if (c != '/' && c != '.' && c != ':')
            word += c;
        else if (fills())
            return true;
    }
    return fills() || image.starts_with('@');
}

void report(const Spot& spot, std::string_view what, Findings& findings) {
    const std::string value = findings.is_private(spot.path) ? "" : " " + shown(spot.text());
    findings.add("KT028", spot.place(), std::string(what) + value + " is a placeholder", "fill in the real value");
}

void report_placeholder(const Spot& spot, std::string_view what, Findings& findings) {
    if (spot.is(Kind::string) && is_placeholder(spot.text())) report(spot, what, findings);
}

// Of texts that may hold anything ("<pad>", "https://example.com"): what says that it is to be replaced.
void report_unfilled(const Spot& spot, std::string_view what, Findings& findings) {
    if (!spot.is(Kind::string) || spot.text().find_first_of(" \t\n") != std::string_view::npos) return;
    const std::string word = lower(spot.text());
    for (const char* mark : {"<your", "changeme", "change-me", "change_me", "replaceme", "replace-me", "replace_me",
                             "/your-", "/your_", "=your-", "=your_"}) {
        if (word.find(mark) != std::string::npos) return report(spot, what, findings);
    }
    if (word.starts_with("your-") || word.starts_with("your_")) report(spot, what, findings);
}

void check_container(const Spot& container, const Kustomize& kustomize, Findings& findings) {
    const Spot image = container["image"];
    if (image.is(Kind::string) && is_image_placeholder(image.text()) && !is_set(kustomize, image.text(), true))
        report(image, "image", findings);
    for (const char* list : {"command", "args"})
        for (const Spot& word : container[list].items()) report_unfilled(word, "the word", findings);
    for (const Spot& variable : container["env"].items()) report_unfilled(variable["value"], "the value", findings);
}

}  // namespace

bool is_placeholder(std::string_view text) {
    std::string word = lower(text);
    std::size_t open = word.find('<');
    if (open != std::string::npos && word.find('\n') == std::string::npos) {
        std::size_t close = word.find('>', open);
        if (close != std::string::npos && close > open + 1) return true;
    }
    for (const char* mark : {"changeme", "change-me", "change_me", "replaceme", "replace-me", "replace_me",
                             "example.com", "example.org", "example.net"}) {
        if (word.find(mark) != std::string::npos) return true;
    }
    for (const char* mark : {"your-", "your_"}) {
        for (std::size_t at = word.find(mark); at != std::string::npos; at = word.find(mark, at + 1)) {
            if (at == 0 || word[at - 1] == '/' || word[at - 1] == ':' || word[at - 1] == '.') return true;
        }
    }
    return false;
}

// "user:password@registry.io/image": pull secrets hold what registries ask for.
bool names_user(std::string_view image) {
    const std::string_view before = image.substr(0, image.find('@'));
    const std::size_t scheme = before.find("://");
    const std::string_view user = scheme == std::string_view::npos ? before : before.substr(scheme + 3);
    return before.size() < image.size() && user.find(':') != std::string_view::npos &&
           !image.substr(before.size()).starts_with("@sha");
}

void check_image_tags(const Object& object, const Bundle& bundle, Findings& findings) {
    each_container(object, bundle, [&](Value container, const Launch&) {
        const Value image = container["image"];
        if (!image.is(Kind::string) || image.text().empty() || is_image_placeholder(image.text())) return;
        if (image.text().find("{{") != std::string_view::npos) return;  // a workflow's variable is filled in as it runs
        if (const std::string problem = image_problem(trim(image.text())); !problem.empty()) {
            const bool secret = names_user(image.text());
            const std::string name =
                secret ? "the image has a user and a password, and" : "image " + shown(image.text());
            findings
                .add("KX613", locate(object, image).place(), name + " " + problem,
                     "write it like ghcr.io/team/image:1.0")
                .excerpt = secret ? Excerpt::none : Excerpt::whole;
            return;
        }
        if (image.text().find('@') != std::string_view::npos) return;  // a digest never moves
        const std::string_view tag = tag_of(image.text());
        if ((!tag.empty() && !is_moving(tag)) || is_set(*bundle.kustomize, image.text(), false)) return;
        const std::string problem = tag.empty()       ? " has no tag, which means latest"
                                    : tag == "latest" ? " has the tag latest"
                                                      : " has the tag " + printable(tag) + ", which moves";
        findings.add("KX601", locate(object, image).place(), "image " + shown(image.text()) + problem,
                     "name a version, or a digest: image@sha256:DIGEST");
    });
}

void check_placeholders(const Object& object, const Bundle& bundle, Findings& findings) {
    if (object.kind == "TrainJob") check_container(object.root["spec"]["trainer"], *bundle.kustomize, findings);
    for (const PodTemplate& pod : object.templates) {
        for (const Spot& selected : pod.spec["nodeSelector"].members())
            report_placeholder(selected, "the value", findings);
        for (const Spot& container : pod.containers()) {
            check_container(container, *bundle.kustomize, findings);
            for (const Spot& variable : container["env"].items()) {
                report_placeholder(variable["valueFrom"]["secretKeyRef"]["name"], "secret name", findings);
                report_placeholder(variable["valueFrom"]["configMapKeyRef"]["name"], "config map name", findings);
            }
            for (const Spot& source : container["envFrom"].items()) {
                report_placeholder(source["secretRef"]["name"], "secret name", findings);
                report_placeholder(source["configMapRef"]["name"], "config map name", findings);
            }
        }
        report_placeholder(pod.spec["priorityClassName"], "priority class", findings);
        report_placeholder(pod.spec["runtimeClassName"], "runtime class", findings);
        for (const Spot& volume : pod.spec["volumes"].items()) {
            report_placeholder(volume["persistentVolumeClaim"]["claimName"], "claim name", findings);
            report_placeholder(volume["secret"]["secretName"], "secret name", findings);
        }
    }
    for (const char* label : {"kueue.x-k8s.io/queue-name", "kueue.x-k8s.io/priority-class"})
        report_placeholder(object.root["metadata"]["labels"][label], label, findings);
    if (object.kind == "PersistentVolumeClaim") {
        report_placeholder(object.root["spec"]["storageClassName"], "storage class", findings);
    }
    if (object.kind == "Secret") {  // placeholders in its data are no base64: KT012
        for (const Spot& value : object.root["stringData"].members()) {
            report_placeholder(value, "the secret value of '" + yaml::key_text(*value.key) + "'", findings);
        }
    }
}

}  // namespace ktrain::lint
