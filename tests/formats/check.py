#!/usr/bin/env python3
"""Checks files against a JSON schema, and XML files for being well-formed.

  tests/formats/check.py SCHEMA FILE.json...
  tests/formats/check.py xml FILE.xml...
"""
import json
import pathlib
import sys
import xml.etree.ElementTree

import jsonschema


def main():
    schema, *files = sys.argv[1:]
    for name in files:
        if schema == "xml":
            xml.etree.ElementTree.parse(name)
        else:
            rules = json.loads(pathlib.Path(schema).read_text())
            jsonschema.validate(json.loads(pathlib.Path(name).read_text()), rules)
        print(f"{name}: valid")
    return 0


if __name__ == "__main__":
    sys.exit(main())
