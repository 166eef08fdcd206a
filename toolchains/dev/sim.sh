# Simulate outages, crashes and lost messages, one seed after another
#
# ./dev sim [N]      N seeds (default 200)
#
# Gateway and host run in one process under a clock of its own, while the world around them misbehaves as
# the seed says. Whatever reached a spool must reach the history exactly once, and
# no gas may have power. A failure names its seed, and
# ./dev replay SEED shows it again.

seeds=${1:-200}
[[ $# -le 1 ]] || usage_error "one number at most"
whole_number N "$seeds"

need build
build_preset debug sim_test
DAVY_SIM_SEEDS=$seeds build/debug/tests/sim_test
