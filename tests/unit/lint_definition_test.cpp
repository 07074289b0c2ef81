// Kinds that CRDs add: from files of their own, from the bundle, and from what a cluster serves.
#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/lint/lint.h"

using namespace ktrain;

namespace {

// A CRD of tunings.lab.example.org whose spec has the properties, and the line behind it ("required: [a]").
std::string crd(const std::string& properties, const std::string& more = "", const std::string& version = "v1") {
    return "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
           "metadata: {name: tunings.lab.example.org}\nspec:\n  group: lab.example.org\n  scope: Namespaced\n"
           "  names: {kind: Tuning, plural: tunings}\n  versions:\n    - name: " +
           version +
           "\n      served: true\n      storage: true\n      schema:\n        openAPIV3Schema:\n          type: "
           "object\n"
           "          properties:\n            spec:\n              type: object\n              " +
           more + "\n              properties: {" + properties + "}\n";
}

std::string tuning(const std::string& spec, const std::string& version = "v1") {
    return "apiVersion: lab.example.org/" + version + "\nkind: Tuning\nmetadata: {name: a}\nspec: {" + spec + "}\n";
}

std::string found_in(const lint::Report& report) {
    std::string text;
    for (const Diagnostic& d : report.findings)
        text += (text.empty() ? "" : "; ") + std::string(d.rule) + " " + d.where.path + ": " + d.message;
    return text;
}

// What is found in an object of the kind.
std::string found(const std::string& properties, const std::string& spec, const std::string& more = "") {
    lint::Target target;
    CHECK(lint::add_crds(target, {{"crd.yaml", crd(properties, more)}}));
    return found_in(lint::check({{"a.yaml", tuning(spec)}}, {}, target));
}

}  // namespace

TEST_CASE("a CRD that is handed in makes its kind known") {
    const std::string object = tuning("size: 1, sise: 2");
    CHECK(found_in(lint::check({{"a.yaml", object}})) == "");
    CHECK(found("size: {type: string}", "size: 1, sise: 2") ==
          "KT004 spec.size: size wants a string, got the integer '1'; "
          "KT003 spec.sise: unknown field 'sise' in spec");
}

TEST_CASE("later definitions of a kind take the place of earlier ones, versions and all") {
    lint::Target target;
    lint::add_crds(target, {{"old.yaml", crd("size: {type: string}", "", "v1")}});
    lint::add_crds(target, {{"new.yaml", crd("size: {type: integer}", "", "v2")}});
    CHECK(found_in(lint::check({{"a.yaml", tuning("size: 1", "v2")}}, {}, target)) == "");
    CHECK(found_in(lint::check({{"a.yaml", tuning("size: a", "v1")}}, {}, target)) ==
          "KT009 apiVersion: lab.example.org/v1 Tuning is not served: the CRD in new.yaml has lab.example.org/v2");
    // One among the objects comes last.
    const std::string own = crd("size: {type: boolean}") + "---\n" + tuning("size: true");
    CHECK(found_in(lint::check({{"a.yaml", own}}, {}, target)) == "");
}

TEST_CASE("a definition of a kind that is compiled in hides it") {
    std::string text = crd("size: {type: integer}");
    const auto replace = [&](const std::string& from, const std::string& to) {
        for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
            text.replace(at, from.size(), to);
    };
    replace("lab.example.org", "kubeflow.org");
    replace("tunings", "pytorchjobs");
    replace("Tuning", "PyTorchJob");
    lint::Target target;
    lint::add_crds(target, {{"crd.yaml", text}});
    const std::string job = "apiVersion: kubeflow.org/v1\nkind: PyTorchJob\nmetadata: {name: a}\nspec: {size: 1}\n";
    CHECK(found_in(lint::check({{"a.yaml", job}}, {.only = {"KT003"}, .skip = {}})) != "");
    CHECK(found_in(lint::check({{"a.yaml", job}}, {.only = {"KT003"}, .skip = {}}, target)) == "");
}

TEST_CASE("defaults are there before required fields and rules are looked at") {
    const std::string properties =
        "a: {type: integer, default: 3}, list: {type: array, items: {type: object, "
        "required: [b], properties: {b: {type: integer, default: 1}}}}";
    const std::string rules =
        "required: [a]\n              x-kubernetes-validations: [{rule: 'self.a == 3'}, "
        "{rule: '!has(self.list) || self.list.all(x, x.b == 1)'}]";
    CHECK(found(properties, "list: [{}]", rules) == "");
    CHECK(found(properties, "a: null, list: [{b: null}]", rules) == "");
    CHECK(found(properties, "a: 4", rules) == "KT048 spec: a rule of the CRD is broken: 'self.a == 3'");
}

TEST_CASE("allOf, anyOf, oneOf and not are looked at") {
    const std::string one = "a: {type: integer}, b: {type: integer}";
    CHECK(found(one, "a: 1", "oneOf: [{required: [a]}, {required: [b]}]") == "");
    CHECK(found(one, "a: 1, b: 1", "oneOf: [{required: [a]}, {required: [b]}]") ==
          "KT006 spec: spec has more than one of 'a', or 'b'");
    CHECK(found(one, "", "anyOf: [{required: [a]}, {required: [b]}]") == "KT006 spec: spec has none of 'a', or 'b'");
    CHECK(found(one, "a: 1", "not: {required: [a]}") == "KT006 spec: spec may not have 'a'");
    CHECK(found(one, "a: 1", "allOf: [{properties: {a: {minimum: 2}}}]") ==
          "KT006 spec.a: a '1' is not as its schema wants it under allOf");
    CHECK(found(one, "a: 2", "allOf: [{properties: {a: {minimum: 2}}}, {not: {properties: {a: {enum: [3]}}}}]") == "");
}

TEST_CASE("rules have their message, their field and their limits") {
    const std::string rule = "x-kubernetes-validations: [{rule: ";
    CHECK(found("a: {type: integer}", "a: 1", rule + "'self.a > 1', message: more, fieldPath: .a}]") ==
          "KT048 spec.a: more");
    CHECK(found("a: {type: integer}", "a: 1",
                rule + "'self.a > 1', message: more, messageExpression: '\"not %d\".format([self.a])'}]") ==
          "KT048 spec: not 1");
    CHECK(found("a: {type: integer}", "a: 1", rule + "'self.a > oldSelf.a'}]") == "");
    CHECK(found("a: {type: integer}", "a: 1", rule + "'oldSelf.hasValue()', optionalOldSelf: true}]") ==
          "KT048 spec: a rule of the CRD is broken: 'oldSelf.hasValue()'");
    CHECK(found("a: {type: integer}", "", rule + "'self.a > 1'}]").starts_with("KT048 spec: a rule of the CRD cannot"));
    std::string list = "a: [";
    for (int i = 0; i < 1500; ++i) list += "1, ";
    CHECK(found("a: {type: array, items: {type: integer}}", list + "1]",
                rule + "'self.a.all(x, self.a.all(y, y == x))'}]")
              .find("costs more") != std::string::npos);
    // What is wrong in itself is said once, and no rule looks at it.
    CHECK(found("a: {type: integer}", "a: x", rule + "'self.a > 1'}]") ==
          "KT004 spec.a: a wants a whole number, got the string 'x'");
}

TEST_CASE("rules that do not compile are found in the CRD, wherever it stands") {
    const std::string bad = crd("a: {type: integer}", "x-kubernetes-validations: [{rule: 'self.b > 1'}]");
    lint::Target target;
    lint::add_crds(target, {{"crd.yaml", bad}});
    const lint::Report report = lint::check({{"a.yaml", tuning("a: 1")}}, {}, target);
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].rule == "KT049");
    CHECK(report.findings[0].where.file == "crd.yaml");
    CHECK(report.findings[0].where.line > 0);
    CHECK(report.findings[0].message.find("the schema has no field 'b' here") != std::string::npos);
    CHECK(found_in(lint::check({{"crd.yaml", bad}})).starts_with("KT049 spec.validation.openAPIV3Schema"));
}

TEST_CASE("malformed definitions are read as far as they go") {
    for (const char* text : {"kind: CustomResourceDefinition", "[a]", "a", "items: [{kind: List}]\nkind: XList"}) {
        lint::Target target;
        CHECK_FALSE(lint::add_crds(target, {{"crd.yaml", text}}));
    }
    CHECK(found("a: 5, b: {type: [x]}, c: {items: x, type: array}, d: {allOf: {a: b}, enum: x}", "a: 1, b: 2, c: [1]")
              .starts_with("KT004 spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.a: "));
    lint::Target target;
    CHECK(lint::add_crds(target, {{"crd.yaml", "a: ["}}));
    CHECK(found_in(lint::check({}, {}, target)).starts_with("KT001"));
}

TEST_CASE("what a cluster serves decides which kinds there are, and what they look like") {
    const std::string document = R"({"openapi": "3.0.0",
      "paths": {"/apis/lab.example.org/v1/namespaces/{namespace}/tunings": {
        "post": {"x-kubernetes-group-version-kind": {"group": "lab.example.org", "kind": "Tuning", "version": "v1"}}}},
      "components": {"schemas": {"org.example.lab.v1.Tuning": {"type": "object", "description": "\ud83d\ude00",
        "properties": {"metadata": {"allOf": [{"$ref": "#/components/schemas/ObjectMeta"}]},
          "spec": {"type": "object", "properties": {"size": {"type": "integer"}},
            "x-kubernetes-validations": [{"rule": "self.size < 5", "message": "too big"}]}},
        "x-kubernetes-group-version-kind": [{"group": "lab.example.org", "kind": "Tuning", "version": "v1"}]}}}})";
    lint::Target target;
    lint::add_cluster(target, "1.33", {{"lab.example.org/v1", document}, {"lab.example.org/v2", std::nullopt}});
    CHECK(target.minors == lint::Minors::parse("1.33"));
    CHECK(found_in(lint::check({{"a.yaml", tuning("size: 5")}}, {}, target)) == "KT048 spec: too big");
    CHECK(found_in(lint::check({{"a.yaml", tuning("sise: 5")}}, {}, target)).starts_with("KT003"));
    CHECK(found_in(lint::check({{"a.yaml", tuning("size: 1", "v2")}}, {}, target)).starts_with("KT009"));
    CHECK_THROWS_AS(lint::add_cluster(target, "1.33", {{"lab.example.org/v1", "{"}}), Error);
    CHECK(lint::api_versions({{"a.yaml", tuning("") + "---\n" + tuning("") + "---\nkind: x\napiVersion: /v1\n"}}) ==
          std::vector<std::string>{"lab.example.org/v1", "v1"});
}
