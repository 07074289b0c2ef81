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
  $ counts <<< '17 passed, 2 failed, 3 skipped'
  17 passed, 2 failed, 3 skipped
  $ counts <<< 'nothing'
  0 passed, 0 failed, 0 skipped
