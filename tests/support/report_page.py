"""Checks a page of `ktrain estimate --report`: balanced tags, unique ids, one script of data; prints its data.

    report_page.py PAGE             the estimate in it, as -o json has it
    report_page.py PAGE static      what stands in it without its script: verdict, components, figures
    report_page.py PAGE AXIS=INDEX  the cell of the grid there: needed, in use, reserved, and components
"""
import html.parser
import json
import sys

VOID = {"meta", "link", "br", "input", "img", "hr"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.data, self.external = [], [], "", []
        self.texts, self.rows = {}, {}  # by the id of what is around them

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.external += [attributes[key] for key in ("src", "href") if key in attributes]
        if tag not in VOID:
            self.open.append((tag, attributes))
        if tag == "tr":
            self.rows.setdefault(self.place(), []).append([])
        if tag == "td":
            self.rows[self.place()][-1].append("")

    def place(self):
        ids = [attributes["id"] for _, attributes in self.open if "id" in attributes]
        return ids[-1] if ids else ""

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, f"</{tag}> at {self.getpos()} closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, text):
        if self.open and self.open[-1][1].get("type") == "application/json":
            self.data += text
        elif self.open and self.open[-1][0] == "td":
            self.rows[self.place()][-1][-1] += text
        elif self.place():
            self.texts[self.place()] = self.texts.get(self.place(), "") + text


def main():
    page = Page()
    with open(sys.argv[1], encoding="utf-8") as file:
        page.feed(file.read())
    page.close()
    assert not page.open, f"not closed: {page.open}"
    assert len(page.ids) == len(set(page.ids)), "an id twice"
    assert not page.external, page.external
    data = json.loads(page.data)
    if len(sys.argv) == 2:
        print(json.dumps(data["estimate"], indent=2, ensure_ascii=False))
        return
    if sys.argv[2] == "static":
        print(page.texts["verdict"].strip())
        for name in ("components", "peaks", "gpus"):
            for row in page.rows[name]:
                if row:
                    print(name, *row, sep=" | ")
        return
    wanted = dict(word.split("=") for word in sys.argv[2:])
    grid, index = data["grid"], 0
    for axis in grid["axes"]:
        index = index * len(axis["values"]) + int(wanted.pop(axis["name"], axis["start"]))
    assert not wanted, wanted
    kind = grid["kinds"][grid["cells"][index]]
    lines = [grid["lines"][number] for number in kind[8]]
    print(json.dumps({"recommended_bytes": kind[0], "active_bytes": kind[1], "reserved_bytes": kind[2],
                      "components": [[grid["texts"][label], count, grid["texts"][how]] for label, count, how in lines]}))


main()
