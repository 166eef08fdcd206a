# Throw mutated input at everything that reads bytes from outside
#
# ./dev fuzz [SECONDS] [NAME]     each target of tests/fuzz for so long (default 60), or only NAME
#
# The targets are built by clang with libFuzzer, ASan and UBSan. They start from tests/fuzz/corpus/NAME, and
# what they learn is kept in build/fuzz/corpus/NAME. An input that breaks something is written to
# build/fuzz/NAME-crash-...; put it into tests/fuzz/corpus/NAME with the mending, and ./dev test tries it
# for ever.

seconds=${1:-60}
whole_number SECONDS "$seconds"

need build fuzz
build_preset fuzz davy_fuzz_targets
shopt -s nullglob
for program in build/fuzz/fuzz/*; do
  name=${program##*/}
  [[ -f $program && -x $program ]] || continue
  [[ $# -lt 2 || $name == "$2" ]] || continue
  mkdir -p "build/fuzz/corpus/$name"
  corpora=("build/fuzz/corpus/$name")
  [[ -d tests/fuzz/corpus/$name ]] && corpora+=("tests/fuzz/corpus/$name")
  say "fuzz: $name, $seconds s"
  log=build/fuzz/$name.log
  if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/$name-" "${corpora[@]}" >"$log" 2>&1; then
    sed -n 's/^stat::number_of_executed_units: *\(.*\)/    \1 inputs survived/p' "$log"
    passed=$((passed + 1))
  else
    tail -n 60 "$log"
    failed=$((failed + 1))
  fi
done
((passed + failed > 0)) || usage_error "no such target"
report
