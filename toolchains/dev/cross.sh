# Build for a gateway box and run the tests by emulation
#
# ./dev cross arm64|armhf [FILTER]      FILTER: only the tests whose name matches this regular expression
#
# Unpacks the target's libraries from Debian's packages into build/sysroot (once), compiles everything but the
# surface daemon with Debian's cross compiler, and runs the tests in qemu's user emulation. The result is the
# stripped program build/ARCH/davy-gateway. Nothing foreign is installed on this machine.

arch=${1:-}
[[ $# -ge 1 && $# -le 2 && $arch =~ ^(arm64|armhf)$ ]] || usage_error "for which box? arm64 or armhf"

need build run tests cross
make_sysroot "$arch"
build_preset "$arch"

say "tests of $arch, by emulation"
# Emulated processors are slow; the tests' own time limits are meant for real ones.
run_ctest "build/$arch" ${2:+-R "$2"}

if [[ -f build/$arch/bin/davy-gateway ]]; then
  cmake --install "build/$arch" --prefix "build/$arch/stripped" --strip >/dev/null
  mv "build/$arch/stripped/bin/davy-gateway" "build/$arch/davy-gateway"
  rm -rf "build/$arch/stripped"
  say "build/$arch/davy-gateway: $(stat -c %s "build/$arch/davy-gateway") bytes, stripped"
fi
report
