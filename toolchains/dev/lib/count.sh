# Counting: every suite adds to these two, and report prints the line that a machine reads.

passed=0
failed=0

# count_ctest BUILD_FOLDER: adds what the last ctest run did. A doctest program counts with its test cases,
# any other test as one; a program that died counts as one failure beside the cases it got to report.
count_ctest() {
  local counts
  counts=$(awk '
    / Testing: /          { cases_ok = cases_bad = 0; is_doctest = 0 }
    /^\[doctest\] test cases:/ {
      is_doctest = 1
      for (i = 2; i <= NF; ++i) {
        if ($i == "passed") cases_ok += $(i - 1)
        if ($i == "failed") cases_bad += $(i - 1)
      }
    }
    /^Test (Passed|Failed)\./ {
      good = ($2 == "Passed.")
      if (!is_doctest) cases_ok += good
      if (!good && cases_bad == 0) cases_bad = 1
      ok += cases_ok; bad += cases_bad
    }
    END { print ok + 0, bad + 0 }' "$1/Testing/Temporary/LastTest.log")
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
}

# run_ctest BUILD_FOLDER [CTEST_ARGUMENT...]: runs and counts; the caller looks at $failed.
run_ctest() {
  local folder=$1 broken=0
  shift
  rm -f "$folder/Testing/Temporary/LastTest.log"
  ctest --test-dir "$folder" --output-on-failure -j "$jobs" "$@" || broken=1
  local before=$failed
  [[ -f $folder/Testing/Temporary/LastTest.log ]] && count_ctest "$folder"
  # ctest may be unhappy without a failed test: one it could not start, for example.
  ((broken == 0 || failed > before)) || failed=$((failed + 1))
}

# run_counted COMMAND...: a suite that says "N passed" and "N failed" somewhere in its last lines; without
# them it counts as one test.
run_counted() {
  local log status=0 ok bad
  log=$(mktemp)
  "$@" 2>&1 | tee "$log" || status=$?
  ok=$(last_count passed "$log")
  bad=$(last_count failed "$log")
  rm -f "$log"
  if [[ -z $ok && -z $bad ]]; then
    ok=$((status == 0 ? 1 : 0))
  fi
  ((status == 0 || ${bad:-0} > 0)) || bad=1
  passed=$((passed + ${ok:-0}))
  failed=$((failed + ${bad:-0}))
}

# last_count WORD LOG: the number before the last such word near the end of a log.
last_count() {
  tail -n 15 "$2" | sed 's/\x1b\[[0-9;]*m//g' | sed -nE "s/.*\\b([0-9]+) $1.*/\\1/p" | tail -1
}

# report: the last line of a verb that tests, and its exit status.
report() {
  echo "$passed passed, $failed failed"
  ((failed == 0 && passed > 0))
}
