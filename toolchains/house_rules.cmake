# One place for how every target is compiled, and the three verbs that folders use to declare themselves.
# A folder's target names what it may use in USES: that list is its permission list.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(DAVY_CCACHE ccache)
if(DAVY_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${DAVY_CCACHE})
endif()

option(DAVY_STRICT "Warnings are errors" ON)
set(DAVY_SANITIZE "" CACHE STRING "Sanitizers for every target, such as address,undefined or thread")

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# What only g++ knows how to warn of; clang builds the fuzz targets. Not -Wuseless-cast: a cast that does
# nothing on 64 bit is needed on a 32-bit box. Not -Wnull-dereference and -Wmaybe-uninitialized: what they
# find differs with the target and the sanitizer, and with g++ 12 it is the inside of std::optional and of
# stream buffers.
set(davy_gcc_warnings -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wno-maybe-uninitialized)
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  list(APPEND davy_gcc_warnings -Wno-psabi)  # nobody passes our types to code of before GCC 7
endif()

add_library(davy_house INTERFACE)
target_include_directories(davy_house INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(davy_house INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wcast-align -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough -Wextra-semi
  -Wswitch-enum
  "$<$<CXX_COMPILER_ID:GNU>:${davy_gcc_warnings}>"
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>  # g++ 12's own stable_sort, seen by clang
  -Wno-missing-field-initializers  # designated initializers leave the rest at their defaults on purpose
  $<$<BOOL:${DAVY_STRICT}>:-Werror>)
target_compile_definitions(davy_house INTERFACE DAVY_VERSION="${PROJECT_VERSION}")
target_link_libraries(davy_house INTERFACE Threads::Threads)
if(DAVY_SANITIZE)
  target_compile_options(davy_house INTERFACE -fsanitize=${DAVY_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(davy_house INTERFACE -fsanitize=${DAVY_SANITIZE})
  if(DAVY_SANITIZE MATCHES thread)
    # Asio has fences, which TSan does not follow; g++ says so wherever they are inlined.
    target_compile_options(davy_house INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
endif()

# Third-party packages, each under one name, so that no folder repeats the look-up.
function(davy_package name)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${ARGN})
  add_library(lib::${name} INTERFACE IMPORTED GLOBAL)
  target_link_libraries(lib::${name} INTERFACE PkgConfig::${name})
  # Their headers are not ours to mend.
  get_target_property(dirs PkgConfig::${name} INTERFACE_INCLUDE_DIRECTORIES)
  if(dirs)
    set_target_properties(PkgConfig::${name} PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${dirs}")
  endif()
endfunction()

# davy_library(name SOURCES a.cpp ... USES davy_other lib::sqlite ...)
function(davy_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC davy_house ${ARG_USES})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE davy_house ${ARG_USES})
  endif()
endfunction()

# davy_program(davy-thing SOURCES main.cpp USES ...)
function(davy_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE davy_house ${ARG_USES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# davy_test(thing_test SOURCES thing_test.cpp USES davy_thing): a doctest program, registered with ctest.
# LABELS threads: it starts threads, and ./dev test --tsan runs it too. LABELS slow: takes more than a minute.
add_custom_target(davy_thread_tests)
function(davy_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE davy_house davy_test_main ${ARG_USES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  # Paths a test may need: its own files in the tree, and recorded data that may lie beside the project.
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS "${ARG_LABELS}")
  if("threads" IN_LIST ARG_LABELS)
    add_dependencies(davy_thread_tests ${name})
  endif()
endfunction()

# davy_bench(thing_bench SOURCES thing_bench.cpp USES davy_thing): a program that measures, for ./dev bench.
function(davy_bench name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE davy_house ${ARG_USES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)
endfunction()

# davy_fuzz(thing_fuzz SOURCES thing_fuzz.cpp USES davy_thing): a target as tests/fuzz/target.hpp describes
# it. With DAVY_FUZZ (./dev fuzz) a libFuzzer program; in every other build a test of its seeds and
# collected inputs.
add_custom_target(davy_fuzz_targets)
function(davy_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  set(frame ${PROJECT_SOURCE_DIR}/tests/fuzz)
  if(NOT DAVY_FUZZ)
    davy_test(${name} SOURCES ${ARG_SOURCES} ${frame}/corpus_test.cpp USES ${ARG_USES})
    target_compile_definitions(${name} PRIVATE DAVY_FUZZ_TARGET="${name}")
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES} ${frame}/libfuzzer_main.cpp)
  target_link_libraries(${name} PRIVATE davy_house ${ARG_USES})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  add_dependencies(davy_fuzz_targets ${name})
endfunction()
