// register_server PORT UNITS REGISTERS_PER_UNIT: devices for a gateway to read while it is being measured.
// Values wander.
#include "tests/bench/register_server.hpp"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "register_server PORT UNITS REGISTERS_PER_UNIT\n"), 64;
  davy::bench::Registers registers{std::atoi(argv[2]), std::atoi(argv[3])};
  registers.wander(true);
  davy::bench::serve(std::atoi(argv[1]), registers);
}
