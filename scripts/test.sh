#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sets Limbeck up on this machine, builds it with warnings as errors, and runs every test.
#
# Usage: scripts/test.sh [--asan | --tsan | --preset NAME] [--tidy] [--only REGEX] [-DVAR=VALUE]... [--help]
#   --asan      under the address and undefined-behaviour sanitizers (preset debug-asan)
#   --tsan      under the thread sanitizer (preset debug-tsan)
#   --preset    another preset of CMakePresets.json (default: ci)
#   --tidy      clang-tidy over the torch-free sources that differ from the main branch (all of them on it) first
#   --only      only the tests whose names match
#   -D...       handed to CMake, e.g. -DCMAKE_PREFIX_PATH=/path/to/libtorch for a LibTorch 2.11 of your own
#
# Tests run offscreen; those of the real window get an X server of their own (Xvfb).

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source-path=SCRIPTDIR source=lib/packages.sh
. "$root/scripts/lib/packages.sh"
# shellcheck source-path=SCRIPTDIR source=lib/build.sh
. "$root/scripts/lib/build.sh"

preset=ci tidy='' only='' definitions=()
while [ $# -gt 0 ]; do
  case $1 in
    --asan | --tsan) preset=debug-${1#--} ;;
    --preset | --only)
      [ $# -ge 2 ] || wrong_use "$1 needs a value"
      if [ "$1" = --preset ]; then preset=$2; else only=$2; fi
      shift
      ;;
    --tidy) tidy=yes ;;
    -D?*) definitions+=("$1") ;;
    --help | -h) help_of "$0"; exit 0 ;;
    *) wrong_use "unknown argument '$1'" ;;
  esac
  shift
done

packages=("${packages_build[@]}" "${packages_window[@]}" "${packages_test[@]}")
[ -z "$tidy" ] || packages+=(clang-tidy)
need_packages "${packages[@]}"
need_compiler

say "Checking the format and the rules of the house"
"$root/scripts/check-format.sh"
"$root/scripts/check-rules.sh"

flavour=cpu
[ "$preset" != cuda ] || flavour=cuda
need_libtorch "$flavour" "${definitions[@]}"
configure_and_build "$preset" "${definitions[@]}"
[ -z "$tidy" ] || "$root/scripts/tidy.sh" "$root/build/$preset"

say "Running the tests"
cd "$root"
status=0
ctest --preset "$preset" ${only:+-R "$only"} || status=$?
[ "$status" -eq 0 ] || fail "not every test passed" "ctest --preset $preset" \
  "see the output of the failed tests above; one alone: scripts/test.sh --only NAME"
