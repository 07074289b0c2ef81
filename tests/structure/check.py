#!/usr/bin/env python3
"""Checks that the tree is as drawn: include arrows, sizes, purpose lines, one-file libraries, who prints and exits."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Rooms in rows from the top floor down; a room may include its own row's own room, and any row below it.
# Rows of one pile only: piles do not see each other unless BESIDE says so.
PILES = [
    [["cli"], ["cli/commands"], ["cli/term"]],
    [["core/lint"], ["core/manifest"], ["core/plan"], ["core/estimate"], ["core/model"], ["core/spec"], ["core/base"]],
    [["core/lint"], ["core/cel"], ["core/base"]],
    [["core/advice"], ["core/kube"], ["core/base"]],
    [["core/run"]],
    [["trainer"], ["trainer/recipe"], ["trainer/loop"],
     ["trainer/state", "trainer/objective", "trainer/peft", "trainer/report"],
     ["trainer/parallel", "trainer/model"],
     ["trainer/optim"],
     ["trainer/kernel", "trainer/data", "trainer/quant", "trainer/text"],
     ["trainer/tensors"]],
]
# A whole house may include another: cli and trainer stand on core, never on each other.
BESIDE = {"cli": "core", "trainer": "core"}
ONLY_IN = {"CLI/": "cli/term/flags.cpp", "yaml.h": "core/base/yaml.cpp", "curl/": "core/kube/curl_library.h",
           "re2/": "core/base/regex.cpp", "prometheus/": "trainer/report/prometheus.cpp",
           "xxhash.h": "trainer/data/checksum.cpp"}
# Texts and exit codes are handed to the caller; only WRITES does write. The one exception: a second Ctrl-C ends the
# process inside the signal handler, where there is no caller.
PRINTS_OR_EXITS = re.compile(
    r"#\s*include\s*<(?:iostream|print)>|\b(?:std::(?:cout|cerr|clog)|fmt::print|v?f?printf|puts|fputs|putchar)\b"
    r"|(?<![\w.>])(?:std::|::)?(?:_exit|exit|quick_exit|_Exit|abort|terminate)\s*\(")
WRITES = "cli/term"
MAY_EXIT = {"core/base/process.cpp": "::_exit("}
MAX_FILE, MAX_FUNCTION, MAX_INCLUDES, MAX_README = 400, 60, 8, 150
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def room(path):
    """The room of a file: its folder, two levels deep at most."""
    return "/".join(path.split("/")[:-1][:2])


def allowed(source, target):
    if source == target:
        return True
    house, other = source.split("/")[0], target.split("/")[0]
    if house != other:
        return BESIDE.get(house) == other
    for pile in PILES:
        floor = {name: level for level, names in enumerate(pile) for name in names}
        if source in floor and target in floor and floor[source] < floor[target]:
            return True
    return False


def check_includes(path, text):
    own = 0
    for mark, name in INCLUDE.findall(text):
        for library, only in ONLY_IN.items():
            if mark == "<" and name.startswith(library) and path != only:
                yield f"{path}: includes <{name}>, which only {only} may"
        if name == "torch/torch.h":
            yield f"{path}: includes torch/torch.h; name the parts"
        if mark == '"' and name.split("/")[0] in ("cli", "core", "trainer", "tests"):
            own += 1
            if not path.startswith("tests/") and not allowed(room(path), room(name)):
                yield f"{path}: {room(path)} must not include {room(name)} ({name})"
        elif mark == '"' and "/" not in name and not path.startswith("tests/"):
            yield f"{path}: includes \"{name}\"; include from the root of the tree"
    if own > MAX_INCLUDES and not path.startswith("tests/"):
        yield f"{path}: {own} own includes, at most {MAX_INCLUDES}"


def check_silence(path, lines):
    for number, line in enumerate(lines, 1):
        code = re.sub(r'"(?:\\.|[^"\\])*"', '""', line).split("//", 1)[0]
        for hit in PRINTS_OR_EXITS.findall(code):
            if hit != MAY_EXIT.get(path):
                yield f"{path}:{number}: only {WRITES} writes, and nothing exits: {hit}"


def check_functions(path, lines):
    """Functions as clang-format lays them out: a signature at column 0 or 4, closed by "}" at the same column."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and re.match(r".*\)( const| override| noexcept| final|\s*->.*)* \{$", line):
            first = number
            while first > 1 and re.match(r" {5,}\S|    : ", lines[first - 1]):
                first -= 1  # a signature of several lines
            indent = re.match(" *", lines[first - 1]).group()
            if not re.match(r"\s*(}|if|for|while|switch|do|namespace)\b", lines[first - 1]):
                start = (first, indent)
        elif start and line == start[1] + "}":
            length = number - start[0] + 1
            if length > MAX_FUNCTION:
                yield f"{path}:{start[0]}: function of {length} lines, at most {MAX_FUNCTION}"
            start = None


def check_file(path):
    text = (ROOT / path).read_text(encoding="utf-8", errors="replace")
    lines = text.splitlines()
    if not lines:
        yield f"{path}: empty"
        return
    first = lines[1] if lines[0].startswith("#!") or lines[0].startswith("#compdef") else lines[0]
    if not first.lstrip().startswith(("//", "#", "/*", '"""')):
        yield f"{path}: the first line does not say what the file is for"
    if len(lines) > MAX_FILE:
        yield f"{path}: {len(lines)} lines, at most {MAX_FILE}"
    if path.endswith((".cpp", ".h")):
        yield from check_includes(path, text)
        yield from check_functions(path, lines)
        if not path.startswith("tests/") and room(path) != WRITES:
            yield from check_silence(path, lines)


def is_script(file):
    """A program without a suffix, or an end-to-end case, which tests/e2e/run reads in."""
    return file.suffix == "" and (file.parent.name == "cases" or file.read_bytes().startswith(b"#!"))


def tracked():
    for top in (".ci", "cli", "core", "trainer", "tests", "cmake", "scripts"):
        for file in sorted((ROOT / top).rglob("*")):
            if file.is_file() and (file.suffix in (".cpp", ".h", ".py", ".rs", ".sh", ".cmake") or file.name == "CMakeLists.txt"
                                   or is_script(file)):
                yield str(file.relative_to(ROOT))


def main():
    files = list(tracked())
    problems = [problem for path in files for problem in check_file(path)]
    readme = len((ROOT / "README.md").read_text(encoding="utf-8").splitlines())
    if readme > MAX_README:
        problems.append(f"README.md: {readme} lines, at most {MAX_README}")
    for problem in problems:
        print(problem)
    print(f"structure: {len(files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
