set(davy_arch armhf)
set(davy_triple arm-linux-gnueabihf)
set(davy_qemu qemu-arm-static)
set(CMAKE_SYSTEM_PROCESSOR armv7l)
# Spool files beyond 2 GiB on a 32-bit box.
set(CMAKE_CXX_FLAGS_INIT -D_FILE_OFFSET_BITS=64)
include(${CMAKE_CURRENT_LIST_DIR}/linux-sysroot.cmake)
