# SPDX-License-Identifier: GPL-3.0-or-later
# Every library that Limbeck uses, found once. Targets for the rooms to link:
#   SQLite::SQLite3  ZLIB::ZLIB  nlohmann_json::nlohmann_json  sodium::sodium (ISC; SHA-256)
#   tl::expected (CC0; header only)  Qt6::…  QCustomPlot::Qt6  LibTorch::LibTorch  GTest::gtest_main
# (With LIMBECK_ENGINE=OFF all else configures without a LibTorch.)

set(_suffixes ${CMAKE_FIND_LIBRARY_SUFFIXES})
if(LIMBECK_PORTABLE)
  # The server that a portable build runs on has a LibTorch and nothing else.
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Sodium REQUIRED)
set(CMAKE_FIND_LIBRARY_SUFFIXES ${_suffixes})
if(LIMBECK_PORTABLE)
  # What Debian's libsqlite3.a needs of libc: its mathematical functions.
  target_link_libraries(SQLite::SQLite3 INTERFACE m)
endif()
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tl-expected REQUIRED)

if(LIMBECK_ENGINE)
  find_package(LibTorch REQUIRED)
  message(STATUS "LibTorch ${LibTorch_VERSION}, ${LibTorch_FLAVOUR} flavour, in ${LibTorch_ROOT_DIR}")
endif()

if(LIMBECK_GUI)
  find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets Svg PrintSupport)
  if(LIMBECK_TESTS)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Test)
  endif()
  # Debian's name of the target is clumsy and others' packages name it otherwise: QCustomPlot::Qt6 is ours.
  find_package(QCustomPlotQt6 REQUIRED)
  add_library(limbeck_qcustomplot INTERFACE)
  target_link_libraries(limbeck_qcustomplot INTERFACE QCustomPlotQt6::QCustomPlotQt6)
  add_library(QCustomPlot::Qt6 ALIAS limbeck_qcustomplot)
endif()

if(LIMBECK_TESTS)
  find_package(GTest REQUIRED)
endif()
