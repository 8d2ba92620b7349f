# SPDX-License-Identifier: GPL-3.0-or-later
#[[
limbeck_add_test(NAME name SOURCES file... [LIBS target...] [QT] [SERIAL] [LABELS label...] [TIMEOUT seconds]
                 [ENVIRONMENT VAR=value...])

One test program, registered with ctest as `name`: GoogleTest (with its main), or Qt Test where QT is given
(AUTOMOC on; the file brings its own main through QTEST_MAIN). Qt tests run offscreen; those labelled `window` get an X
server of their own (xvfb-run) and run alone. SERIAL: runs alone too (it measures time, or takes every core).
The environment holds LIMBECK_BIN_DIR and LIMBECK_ENGINE_DIR (programs, engine) and LIMBECK_SHARED where the reference
data are there; tests that use them skip where it is not.
]]

set(_shared "$ENV{LIMBECK_SHARED}")
if(NOT _shared AND EXISTS "${CMAKE_SOURCE_DIR}/../shared/golden")
  get_filename_component(_shared "${CMAKE_SOURCE_DIR}/../shared" ABSOLUTE)
endif()
set(LIMBECK_SHARED "${_shared}" CACHE PATH "Folder of the reference data that some tests read; empty: they skip")

function(limbeck_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 T "QT;SERIAL" "NAME;TIMEOUT" "SOURCES;LIBS;LABELS;ENVIRONMENT")
  if(T_UNPARSED_ARGUMENTS OR NOT T_NAME OR NOT T_SOURCES)
    message(FATAL_ERROR "limbeck_add_test needs NAME and SOURCES; not understood: ${T_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 300)
  endif()
  add_executable(${T_NAME} ${T_SOURCES})
  target_link_libraries(${T_NAME} PRIVATE limbeck_options ${T_LIBS})
  set_target_properties(${T_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/tests)
  set(_environment ${T_ENVIRONMENT})
  if(LIMBECK_SHARED)
    list(APPEND _environment "LIMBECK_SHARED=${LIMBECK_SHARED}")
  endif()
  # Where the programs and the engine lie, for tests that start the one or load the other.
  list(APPEND _environment "LIMBECK_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}"
       "LIMBECK_ENGINE_DIR=${CMAKE_LIBRARY_OUTPUT_DIRECTORY}")
  if(T_QT)
    set_target_properties(${T_NAME} PROPERTIES AUTOMOC ON)
    target_link_libraries(${T_NAME} PRIVATE Qt6::Test Qt6::Widgets)
    if("window" IN_LIST T_LABELS)
      find_program(LIMBECK_XVFB_RUN xvfb-run)
      if(LIMBECK_XVFB_RUN)
        set(_in_display ${LIMBECK_XVFB_RUN} -a -s "-screen 0 1600x1000x24")
      endif()
      list(APPEND _environment "QT_QPA_PLATFORM=xcb")
      set(T_SERIAL ON)
    else()
      list(APPEND _environment "QT_QPA_PLATFORM=offscreen")
    endif()
  else()
    target_link_libraries(${T_NAME} PRIVATE GTest::gtest GTest::gmock GTest::gtest_main Threads::Threads)
  endif()
  if(LIMBECK_SANITIZE)
    # A refused allocation is an answer that tests ask for, as it is without the sanitizer. The runtimes of GCC up to
    # 13 and LLVM up to 16 take a block of dynamic thread-local storage that begins 16 bytes into a page for one of
    # glibc 2.19, read its bounds from what lies before it, and crash where they look for leaks
    # (github.com/google/sanitizers/issues/1322).
    list(APPEND _environment
      "ASAN_OPTIONS=allocator_may_return_null=1:intercept_tls_get_addr=0"
      "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/cmake/sanitizers/leak.supp:print_suppressions=0"
      "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/cmake/sanitizers/thread.supp:halt_on_error=1"
      "UBSAN_OPTIONS=print_stacktrace=1")
    math(EXPR T_TIMEOUT "${T_TIMEOUT} * 4")
  endif()
  add_test(NAME ${T_NAME} COMMAND ${_in_display} $<TARGET_FILE:${T_NAME}>)
  set_tests_properties(${T_NAME} PROPERTIES
    TIMEOUT ${T_TIMEOUT} LABELS "${T_LABELS}" RUN_SERIAL ${T_SERIAL} ENVIRONMENT "${_environment}")
endfunction()
