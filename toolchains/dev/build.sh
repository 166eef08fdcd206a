# Compile everything, and the web page
#
# ./dev build [debug|release|tsan]
#
#   debug     (default) with ASan and UBSan; what ./dev test runs
#   release   what is shipped and measured
#   tsan      with ThreadSanitizer
#
# The result is build/PRESET/bin; the page is host/web/dist. Only what has changed is built again. Warnings
# are errors. DAVY_JOBS=N limits how many compilers run at once (default: one a core).

preset=${1:-debug}
[[ $# -le 1 && $preset =~ ^(debug|release|tsan)$ ]] || usage_error "which build? debug, release or tsan"

need build
build_preset "$preset"
if [[ $preset != tsan && -f host/web/package.json ]]; then
  need web
  build_web
fi
say "built: build/$preset/bin"
