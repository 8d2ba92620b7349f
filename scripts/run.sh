#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sets Limbeck up on this machine, builds it, and opens the window on a sample experiment.
#
# Usage: scripts/run.sh [--headless | --build-only] [--cpu | --cuda] [--preset NAME] [-DVAR=VALUE]... [--help]
#   --headless    no window: trains the sample in the terminal and prints the result table (also done when there
#                 is no display)
#   --build-only  stops after the build and prints where the programs are
#   --cpu, --cuda which flavour of LibTorch to fetch; by default CUDA where an NVIDIA GPU is found, else CPU
#   --preset      another preset of CMakePresets.json (default: release, or cuda for the CUDA flavour)
#   -D...         handed to CMake, e.g. -DCMAKE_PREFIX_PATH=/path/to/libtorch for a LibTorch 2.11 of your own
#
# Missing Debian packages are named and installed (with sudo when not root); LibTorch goes to ~/.cache/limbeck, the
# build to build/, the sample experiment to build/sample. What is there already is not done again.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source-path=SCRIPTDIR source=lib/packages.sh
. "$root/scripts/lib/packages.sh"
# shellcheck source-path=SCRIPTDIR source=lib/build.sh
. "$root/scripts/lib/build.sh"

mode=window flavour='' preset='' definitions=()
while [ $# -gt 0 ]; do
  case $1 in
    --headless) mode=headless ;;
    --build-only) mode=build ;;
    --cpu | --cuda) flavour=${1#--} ;;
    --preset)
      [ $# -ge 2 ] || wrong_use "--preset needs a name"
      preset=$2
      shift
      ;;
    -D?*) definitions+=("$1") ;;
    --help | -h) help_of "$0"; exit 0 ;;
    *) wrong_use "unknown argument '$1'" ;;
  esac
  shift
done

if [ "$mode" = window ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  say "No display (DISPLAY and WAYLAND_DISPLAY are empty): training in the terminal instead"
  mode=headless
fi
if [ -z "$flavour" ]; then
  case $preset in
    cuda) flavour=cuda ;;
    '') if [ "$(uname -m)" = x86_64 ] && has_nvidia_gpu; then flavour=cuda; else flavour=cpu; fi ;;
    *) flavour=cpu ;;
  esac
  [ "$flavour" = cpu ] || say "NVIDIA GPU: taking the CUDA flavour of LibTorch (--cpu for the small one)"
fi
if [ -z "$preset" ]; then
  if [ "$flavour" = cuda ]; then preset=cuda; else preset=release; fi
elif [ "$flavour" = cuda ]; then
  definitions+=(-DLIMBECK_CUDA=ON)
fi

packages=("${packages_build[@]}")
if [ "$mode" = headless ] && [ ! -e "$root/build/$preset/bin/limbeck" ]; then
  # A server gets by without Qt; a later start with a display builds the window.
  definitions+=(-DLIMBECK_GUI=OFF)
elif [ "$preset" != portable ]; then
  definitions+=(-DLIMBECK_GUI=ON)
  packages+=("${packages_window[@]}")
  # Under Wayland alone Qt needs a plugin of its own.
  [ -n "${DISPLAY:-}" ] || [ -z "${WAYLAND_DISPLAY:-}" ] || packages+=(qt6-wayland)
fi
need_packages "${packages[@]}"
need_compiler
need_libtorch "$flavour" "${definitions[@]}"
configure_and_build "$preset" -DLIMBECK_TESTS=OFF "${definitions[@]}"

bin=$root/build/$preset/bin
cli=$bin/limbeck-cli
if [ "$mode" = build ]; then
  say "Built:"
  for program in "$bin/limbeck" "$cli"; do
    [ ! -x "$program" ] || printf '  %s\n' "$program"
  done
  exit 0
fi

sample=$root/build/sample/glyphs
if [ ! -e "$sample/project.limbeck" ]; then
  mkdir -p "$(dirname "$sample")"
  "$cli" new "$sample" --sample glyphs ||
    fail "the sample experiment could not be made" "$cli new $sample --sample glyphs" \
      "see the message above; remove $sample if it is half there, then start this again"
fi

if [ "$mode" = headless ]; then
  say "Training the sample experiment $sample"
  status=0
  "$cli" run "$sample" || status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 130 ] ||
    fail "the sample experiment did not end well (exit $status)" "$cli run $sample" "see the message above"
  exit "$status"
fi
say "Opening $sample"
exec "$bin/limbeck" "$sample/project.limbeck"
