# Measure: throughput, latency and size of the shipped build, with peer and limit beside ours
#
# ./dev bench [NAME...]     the programs of tests/bench whose names are given; without one, all
#
# Results depend on the machine; compare only runs on the same one, with nothing else running. Those that end
# in .py start a whole mine: broker, gateway and host.

need build run
build_preset release
names=()
for file in tests/bench/*_bench.cpp tests/bench/*_bench.py; do
  name=${file##*/}
  names+=("${name%.cpp}")
done
for name in "$@"; do
  [[ " ${names[*]} " == *" $name "* ]] || usage_error "no bench $name; there are: ${names[*]}"
done
missed=()
for name in "${names[@]}"; do
  [[ $# -eq 0 || " $* " == *" $name "* ]] || continue
  say "bench: $name"
  if [[ $name == *.py ]]; then
    DAVY_BUILD=$PWD/build/release python3 "tests/bench/$name" || missed+=("$name")
  else
    "build/release/bench/$name" || missed+=("$name")
  fi
done
((${#missed[@]} == 0)) || die "beyond a limit: ${missed[*]}"
