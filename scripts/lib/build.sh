# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# LibTorch, configuring and building. Sourced after common.sh and packages.sh.

# names_own_libtorch [-D...]: whether a LibTorch of the person's own is named, by -DLIMBECK_LIBTORCH_DIR or by a prefix
# path (also of the environment) that holds one. The places are those of cmake/FindLibTorch.cmake.
names_own_libtorch() {
  local definition prefix prefixes=${CMAKE_PREFIX_PATH:-}
  for definition in "$@"; do
    case $definition in
      -DLIMBECK_LIBTORCH_DIR*=?*) return 0 ;;
      -DCMAKE_PREFIX_PATH*=*) prefixes+=";${definition#*=}" ;;
    esac
  done
  while read -r prefix; do
    for prefix in "$prefix" "$prefix/torch" "$prefix/libtorch" "$prefix/../../.."; do
      [ ! -e "$prefix/lib/libtorch_cpu.so" ] || return 0
    done
  done < <(tr ';:' '\n\n' <<<"$prefixes" | grep .)
  return 1
}

# need_libtorch cpu|cuda [-D...]: fetches the flavour unless the person brought one.
need_libtorch() {
  local flavour=$1
  shift
  names_own_libtorch "$@" || "$root/scripts/fetch-libtorch.sh" "--$flavour"
}

# configure_and_build PRESET [-D...]: both end in words when they fail.
configure_and_build() {
  local preset=$1 log
  shift
  log=$root/build/$preset-configure.log
  { mkdir -p "$root/build" && : >"$log"; } 2>/dev/null || fail "the build folder cannot be written" \
    "to make $log" "give this user the right to write to $root/build, or make a clone of its own; free disk space"
  say "Configuring (preset $preset)"
  if ! (cd "$root" && cmake --preset "$preset" "$@") >"$log" 2>&1; then
    grep -A 12 'CMake Error' "$log" >&2 || tail -n 20 "$log" >&2
    fail "the build could not be configured" "cmake --preset $preset $* (whole output: $log)" \
      "see CMake's message above; if it speaks of an older build, remove $root/build/$preset and start this again"
  fi
  say "Building"
  if ! (cd "$root" && cmake --build --preset "$preset" -j "$(build_jobs)"); then
    local free
    free=$(df -Pm "$root/build" | awk 'NR == 2 { print $4 }')
    fail "the build broke off" "cmake --build --preset $preset -j $(build_jobs); $free MB are free in $root/build" \
      "see the compiler's first message above; a compiler that was killed ran out of memory: close programs and start this again"
  fi
}
