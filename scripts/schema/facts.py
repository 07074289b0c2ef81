"""The text in which templates/schemas/ says what fields Kubernetes objects have: how it is written and read.

A file is a list of lines; "#" begins a comment. What stands after the words of a line is `WORD=VALUE` or a flag:

    kind VERSION KIND TYPE [cluster] [@MINORS] [deprecated=1.N] [removed=1.N] [use=VERSION] [status]
    gone VERSION KIND removed=... [use=VERSION]      an API that no minor here has
    names VERSION KIND RULE                          how objects of the kind may be called
    union TYPE FIELD...                              exactly one of the fields must be there
    alias NAME TOKENS                                a type of refinements.txt
    TYPE.FIELD[!][?] [@MINORS] [[+] TOKENS]          a refinement: another type, or with + more about its values
    type NAME [open]                                 its fields follow, each indented by a blank:
     FIELD[!][?] [@MINORS] TOKENS

TOKENS is a type from the outside in: `[]` a list, `{}` a map by name, then the name of a scalar, an alias or a type,
each followed by what is known of its values (`enum=a|b`, `min=0`, `pattern=...`). "!" is a required field, "?" one that
the server fills in; a value's "%xx" is a byte. @MINORS is `@1.27-`, `@-1.28` or `@1.26-1.30`.
"""
import re
import urllib.parse

SCALARS = ("any bool bytes crdQuantity dnsLabel envName fileMode int int32 int64 intOrString metadata microTime number portOrName "
           "quantity resources string time").split()
FIRST, LAST = 25, 37
ALL = (1 << (LAST - FIRST + 1)) - 1


def quote(text, keep=""):
    return urllib.parse.quote(str(text), safe="!\"#$&'()*+,-./:;<=>?@[\\]^_`{}~" + keep)


def unquote(text):
    return urllib.parse.unquote(text)


def minors_text(mask):
    """The minors of a bit mask as @words; nothing for all of them."""
    if mask == ALL:
        return ""
    runs = []
    for minor in range(FIRST, LAST + 1):
        if mask >> (minor - FIRST) & 1:
            if runs and runs[-1][1] == minor - 1:
                runs[-1][1] = minor
            else:
                runs.append([minor, minor])
    def bound(minor, end):
        return "" if minor == end else f"1.{minor}"
    return "@" + ",".join(f"{bound(a, FIRST)}-{bound(b, LAST)}" if a != b or a in (FIRST, LAST) else f"1.{a}" for a, b in runs)


def minors_mask(text):
    mask = 0
    for part in text.removeprefix("@").split(","):
        low, dash, high = part.partition("-")
        first = int(low.removeprefix("1.")) if low else FIRST
        last = int(high.removeprefix("1.")) if high else LAST if dash else first
        for minor in range(max(first, FIRST), min(last, LAST) + 1):
            mask |= 1 << (minor - FIRST)
    return mask


class Level:
    """One token of a type, with what is known of its values."""
    def __init__(self, token, about=None):
        self.token, self.about = token, dict(about or {})

    def words(self):
        return [self.token] + [key if key == "nullable" else f"{key}={value}" for key, value in sorted(self.about.items())]


def tokens_text(levels):
    return " ".join(word for level in levels for word in level.words())


def parse_tokens(words):
    levels = []
    for word in words:
        key, equals, value = word.partition("=")
        if levels and (equals or word in ("nullable",)):
            levels[-1].about[key] = value
        else:
            levels.append(Level(word))
    return levels


class Field:
    def __init__(self, name, levels, required=False, optional=False, minors=ALL):
        self.name, self.levels, self.required, self.optional, self.minors = name, levels, required, optional, minors

    def text(self):
        mark = "!" if self.required else "?" if self.optional else ""
        words = [self.name + mark, minors_text(self.minors), tokens_text(self.levels)]
        return " " + " ".join(word for word in words if word)


def parse_field(line):
    words = line.split()
    name = words.pop(0)
    minors = minors_mask(words.pop(0)) if words and words[0].startswith("@") else ALL
    bare = name.rstrip("!?")
    return Field(bare, parse_tokens(words), "!" in name[len(bare):], "?" in name[len(bare):], minors)


class Facts:
    """The contents of files: types by name (flags and fields), kinds and gone kinds as word lists, aliases."""
    def __init__(self):
        self.types, self.flags, self.kinds, self.gone = {}, {}, [], []
        self.aliases, self.refined, self.added, self.names, self.unions = {}, [], [], [], {}

    def read(self, path):
        fields = None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                fields = self.add_line(line, fields)
            except (ValueError, IndexError, TypeError) as error:
                raise SystemExit(f"{path}:{number}: cannot read {line!r}: {error}") from error

    def add_line(self, line, fields):
        if line.startswith(" "):
            fields.append(parse_field(line))
            return fields
        word, *rest = line.split()
        if word == "type":
            fields = self.types.setdefault(rest[0], [])
            self.flags[rest[0]] = rest[1:]
        elif word == "kind":
            self.kinds.append(rest)
        elif word == "gone":
            self.gone.append(rest)
        elif word == "names":
            self.names.append(rest)
        elif word == "union":
            self.unions[rest[0]] = rest[1:]
        elif word == "also":
            self.added.append(rest)
        elif word == "refine":  # of a type whose name begins as a comment does
            self.refined.append(" ".join(rest))
        elif word == "alias":
            self.aliases[rest[0]] = parse_tokens(rest[1:])
        elif re.match(r"[\w.#-]+[.:][\w$*-]+[!?]?$", word):
            self.refined.append(line)
        else:
            raise ValueError("unknown line")
        return fields
