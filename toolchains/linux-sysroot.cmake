# Compiles with Debian's cross compiler against a folder of the target's own Debian packages, which ./dev
# cross unpacks, and runs the tests in qemu's user emulation. linux-arm64.cmake and linux-armhf.cmake
# include it and set
#   davy_arch    Debian's name of the architecture
#   davy_triple  the compiler's
#   davy_qemu    the emulator
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${davy_triple}-gcc)
set(CMAKE_CXX_COMPILER ${davy_triple}-g++)
set(CMAKE_STRIP ${davy_triple}-strip)

get_filename_component(CMAKE_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../build/sysroot/${davy_arch} ABSOLUTE)
if(NOT EXISTS ${CMAKE_SYSROOT}/usr/include)
  message(FATAL_ERROR "${CMAKE_SYSROOT} is missing: ./dev cross ${davy_arch} makes it")
endif()

# Libraries and headers are the target's, programs (protoc, ccache) are this machine's.
set(CMAKE_FIND_ROOT_PATH ${CMAKE_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_LIBRARY_ARCHITECTURE ${davy_triple})
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(davy_usr ${CMAKE_SYSROOT}/usr)
set(ENV{PKG_CONFIG_LIBDIR} ${davy_usr}/lib/${davy_triple}/pkgconfig:${davy_usr}/share/pkgconfig)
set(ENV{PKG_CONFIG_PATH} "")

set(CMAKE_CROSSCOMPILING_EMULATOR ${davy_qemu} -L ${CMAKE_SYSROOT})
