# Build with sanitizers and run every test; the last line says `N passed, N failed`
#
# ./dev test             all: C++ (ctest), the page's unit tests, the page in a real browser, the demos
# ./dev test FILTER      only the C++ tests whose name matches this regular expression
# ./dev test web         only the page's tests
# ./dev test --tsan      the tests that start threads, built with ThreadSanitizer
#
# The tests need no network, no root and no sensor; a virtual machine that one of them boots has its kernel
# fetched beforehand, once. Servers they start listen on loopback only, and stop
# with them.

[[ $# -le 1 ]] || usage_error "one filter at most"
filter=${1:-}

if [[ $filter == --tsan ]]; then
  need build run tests
  build_preset tsan davy_thread_tests
  run_ctest build/tsan -L threads
  report
  exit
fi
[[ $filter != -* ]] || usage_error "there is no option $filter"

need build run tests web
build_preset debug
if [[ $filter != web ]]; then
  make_guest
  say "C++ tests"
  run_ctest build/debug ${filter:+-R "$filter"}
fi

if [[ -z $filter || $filter == web ]]; then
  build_web
  [[ ! -f tests/web/package.json ]] || npm_install tests/web  # what both of the following run with
  if has_npm_script host/web test; then
    say "the page's unit tests"
    run_counted npm --prefix host/web test
  fi
  if has_npm_script tests/web test; then
    say "the page in a browser"
    run_counted npm --prefix tests/web test
  fi
  say "the demo, and its page in a browser"
  run_counted python3 tests/demo/page_test.py build/debug
  say "the demo of a fan that stops"
  run_counted python3 tests/demo/fan_stop_test.py build/debug
fi
report
