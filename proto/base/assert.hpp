#pragma once

#include <cstdio>
#include <cstdlib>

// For what only a mistake of ours can break; on in every build. Input, files and wires get a Status instead.
#define DAVY_ASSERT(condition)                                                                 \
  do {                                                                                         \
    if (!(condition)) {                                                                        \
      std::fprintf(stderr, "assertion failed: %s at %s:%d\n", #condition, __FILE__, __LINE__); \
      std::abort();                                                                            \
    }                                                                                          \
  } while (false)
