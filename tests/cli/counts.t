What scripts/test counts in the log of a tier, whatever program wrote it; a test that is skipped has not passed:

  $ source <(sed -n '/^count() {/,/^}/p' "$TESTDIR/../../scripts/test")
  $ counts() { cat > log; count log; echo "$counted_passed passed, $counted_failed failed, $counted_skipped skipped"; }
  $ counts << 'END'
  > SKIP: a full disk: mounting a small tmpfs needs root
  > [doctest] test cases:  57 |  56 passed | 1 failed | 0 skipped
  > [doctest] assertions: 900 | 899 passed | 1 failed |
  > [doctest] test cases: 200 | 200 passed | 0 failed | 0 skipped
  > END
  255 passed, 1 failed, 1 skipped
  $ counts <<< '# Ran 8 tests, 2 skipped, 1 failed.'
  5 passed, 1 failed, 2 skipped
  $ counts <<< '100% tests passed, 0 tests failed out of 9'
  9 passed, 0 failed, 0 skipped
  $ counts <<< '89% tests passed, 1 tests failed out of 9'
  8 passed, 1 failed, 0 skipped
  $ counts <<< '17 passed, 2 failed, 3 skipped'
  17 passed, 2 failed, 3 skipped
  $ counts <<< 'nothing'
  0 passed, 0 failed, 0 skipped

A setup or a build that fails is one failed test, and the last line says so:

  $ mkdir -p tree/scripts tree/bin && cp "$TESTDIR/../../scripts/test" tree/scripts
  $ printf '#!/bin/sh\nexit 1\n' | tee tree/scripts/setup > tree/bin/cmake; chmod +x tree/scripts/setup tree/bin/cmake
  $ tree/scripts/test structure
  0 passed, 1 failed
  [1]
  $ printf '#!/bin/sh\n' > tree/scripts/setup; PATH=$PWD/tree/bin:$PATH tree/scripts/test structure
  building
  0 passed, 1 failed
  [1]

A machine that cannot build a cluster gets a SKIP with the reason (here Go and pip are programs that fail):

  $ mkdir none && cp tree/bin/cmake none/go && echo 'raise SystemExit(1)' > none/pip.py
  $ unset CLUSTER; export KTRAIN=$(command -v ktrain) KTRAIN_CACHE=$PWD/none/cache PYTHONPATH=$PWD/none
  $ PATH=$PWD/none:$PATH "$TESTDIR/../e2e/run"
  SKIP: no Go 1.26 or later, and no pip to get it with
  [77]
