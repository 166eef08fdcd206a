# Run one seed of the simulation again, with its log
#
# ./dev replay SEED
#
# The same seed does the same thing every time, on every machine.

[[ $# -eq 1 ]] || usage_error "which seed? The failed simulation has named it"
whole_number SEED "$1"

need build
build_preset debug sim_test
DAVY_SIM_SEED=$1 DAVY_SIM_LOG=1 build/debug/tests/sim_test
