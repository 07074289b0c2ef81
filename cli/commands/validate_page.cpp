// The page docs/lint.md: how findings are read, kept and mended, and all rules.
#include <fmt/format.h>

#include "cli/commands/validate_output.h"

namespace ktrain {
namespace {

constexpr std::string_view intro = R"(
`ktrain validate` checks manifests without a cluster. Each finding has a rule below, a place, the reason and a
fix; `ktrain validate --explain RULE` prints a row of this page. Errors and warnings make the command end with
exit code 3, hints (severity info) do not.

## What is read

A file that is named is checked as it is. In a folder or by a glob, documents that are no manifests are passed over and
counted: those with neither apiVersion nor kind (values.yaml, Chart.yaml and the like), settings of tools (kubeconfig,
kustomization.yaml, skaffold, kind), and the patches that a kustomization there names. What a kustomization among the
files generates counts as there, with its keys where nothing patches them, and the names, tags and digests that it gives
images as theirs. The same object in two folders is a hint, in one an error. Secrets that SOPS has encrypted are not
checked. A file that cannot be parsed is reported whatever rules are asked for. A folder without manifests and an empty
standard input are errors (exit code 2), and so is a file in a folder that cannot be read, once the others are checked.
Read as kubectl reads it: JSON objects one behind the other, UTF-16 with its mark, lists of one kind whose items say
none. Refused though kubectl takes it, since it reads something else than what is written: a key that is there twice,
bytes that are no UTF-8, text behind `...`.

What an operator makes of parts of its kind - pods, Jobs, claims - is held to what the API server says of those. Where no
webhook does so before, it is a warning: the object is accepted, and what is made of it is refused.

## Mending

`--fix` writes into the files what mends a finding without a question, `--diff` shows what that would be (exit code
3 when there is any), without the values of Secrets. Comments, layout, quotes and line ends stay. An edit is kept only if the file then says what the
fix says and nothing else, the finding is gone, and the new value is not refused for another reason; what stands behind an alias or a merge key, and what would
take a comment with it, is left to you. What would change a policy (deadlines, restarts, rights, quotas, how much of
a device or of memory a pod takes, where pods may run) is
mended only where its rule is named: `--fix --only KR309`. What the baseline knows stays. Fixed text of standard input goes to standard
output.

## Suppressions

What is to stay as it is, is said where it stands, with the reason:

```yaml
metadata:
  annotations:
    ktrain.dev/ignore: "KX601: built on this machine; KG111: one pod per node"
```

The annotation holds for the object, or, on a pod template, for the template. A comment holds for the value that begins
on its line and for all in it; on a line of its own, for what follows; above the first key, for the document:

```yaml
    # ktrain:ignore KX601: built on this machine
    - name: trainer
      image: trainer:latest
      imagePullPolicy: Never # ktrain:ignore KT006, KT004: a field of our fork
```

Rules are named by id, name or family (`KT`). Without a reason a suppression is not heeded (KT090); one that
suppresses nothing is reported (KT091).

## Settings

`.ktrain.yaml`, of the current folder or the nearest above it in the repository; `--config FILE` for another,
`--no-config` for none. Flags win.

```yaml
kubernetes-version: 1.29-1.33
only: [KT, KG]            # rules or families; empty: all
skip: [KX601]
min-severity: warning
severity: {KT028: warning}
exclude: ["charts/**"]    # of folders and globs; paths are those from this file's folder
baseline: lint-baseline.json
crds: [crds/]             # CustomResourceDefinitions, as --crd
overrides:
  - paths: ["dev/**"]
    skip: [KX]
    severity: {KG111: info}
```

`--write-baseline FILE` notes what is found in an old repository, `--baseline FILE` then reports only what is new. Entries
know rule, object, path and message, so that lines may shift and files be renamed; those that are found no more are
named on standard error.

## Formats

`-o table` (or `text`) for people, `json` and `yaml` for programs, `sarif` for code scanning (2.1.0, with regions and fixes),
`junit` and `tap` for test reports, `github` for annotations of a workflow. Output is the same for any `--jobs`.

With [pre-commit](https://pre-commit.com), from the repository of ktrain, hooks `ktrain-validate` and `ktrain-validate-fix`; say
in `files:` where the manifests are. As a GitHub Action, `action.yml` annotates the lines and uploads the findings:

```yaml
- uses: OWNER/ktrain@VERSION
  with:
    paths: manifests/
    args: --kubernetes-version 1.31
```

## Rules

)";

}  // namespace

std::string rules_page() {
    std::string page(intro);
    for (const lint::Rule& rule : lint::rules()) page += fmt::format("- [{0}](#{0}) {1}\n", rule.id, rule.name);
    for (const lint::Rule& rule : lint::rules()) {
        page += fmt::format("\n### {}\n\n**{}**, {}, on {}. Reports {}.\n\n- Why: {}.\n- Fix: {}.\n- Source: {}.\n",
                            rule.id, rule.name, to_string(rule.severity), rule.kinds, rule.what, rule.why, rule.fix,
                            rule.source);
    }
    return page;
}

}  // namespace ktrain
