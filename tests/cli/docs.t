The generated pages are those in the tree (otherwise: scripts/regenerate-docs):

  $ cd "$TESTDIR/../.."
  $ for page in cli exit-codes lint spec symptoms; do ktrain __docs $page | diff -q - docs/$page.md; done
  $ ktrain __docs man | diff -q - docs/ktrain.1
  $ ktrain estimate --schema | diff -q - docs/estimate.schema.json

The man page has no roff errors:

  $ groff -man -Tutf8 -ww docs/ktrain.1 2>&1 > /dev/null
