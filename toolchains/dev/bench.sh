# Measure: throughput and latency of the shipped build
#
# ./dev bench [NAME...]     the programs of tests/bench whose names are given; without one, all
#
# Results depend on the machine; compare only runs on the same one, with nothing else running.

need build
build_preset release
shopt -s nullglob
found=0
for program in build/release/bench/*; do
  name=${program##*/}
  [[ -x $program && -f $program ]] || continue
  [[ $# -eq 0 || " $* " == *" $name "* ]] || continue
  found=$((found + 1))
  say "bench: $name"
  "$program"
done
((found > 0)) || usage_error "no such bench; there are: $(cd build/release/bench 2>/dev/null && echo *)"
