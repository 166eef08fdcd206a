# See it run: a simulated mine, gateways, broker, host and the web page, on this machine
#
# ./dev demo [...]
#
# Builds what is shipped, starts it all on loopback with data of its own in a temporary folder, and prints
# the address to open. Ctrl-C stops everything and leaves nothing behind. What follows 'demo' goes to
# tests/demo/run.

[[ -x tests/demo/run ]] || die "tests/demo/run is missing: is this a complete clone?"
need build run web
build_preset release
build_web
exec tests/demo/run "$@"
