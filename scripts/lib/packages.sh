# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# The Debian 12 packages that Limbeck is built from, and their installation. Sourced after common.sh.

packages_build=(g++ cmake ninja-build ccache python3 python3-pip ca-certificates
  libsqlite3-dev zlib1g-dev nlohmann-json3-dev libsodium-dev libexpected-dev)
# libgl1-mesa-dri and the fonts are what a bare machine lacks to draw a window with text in it.
packages_window=(qt6-base-dev qt6-svg-dev libqcustomplot-dev fonts-dejavu-core libgl1-mesa-dri)
packages_test=(git libgtest-dev libgmock-dev xvfb xauth clang-format)

missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | head -n 1)" = installed ] || echo "$package"
  done
}

# need_packages NAME...: installs what is missing; says nothing and touches no network where nothing is.
need_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "This is not Debian: the compiler and these libraries must be there already: $*"
    return
  fi
  local missing command
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Debian packages missing: ${missing[*]}"

  local become=()
  command="apt-get install ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "packages are missing and this user may not install them" \
      "to find sudo, since this is not root" "have an administrator run: $command"
    become=(sudo)
    # Without a terminal nobody could answer sudo's question.
    [ -t 0 ] || become+=(-n)
  fi
  say "Installing them"
  local apt=("${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
  if ! "${apt[@]}" update; then
    printf 'The package lists could not be refreshed; going on with those that are there.\n' >&2
  fi
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "the Debian packages could not be installed" "${become[*]:+${become[*]} }$command" \
      "see apt's message above (network, disk space, package sources); install them by hand, then start this again"
}

need_compiler() {
  local cxx=${CXX:-g++} version
  command -v "$cxx" >/dev/null || fail "there is no C++ compiler '$cxx'" "${CXX:+CXX=$CXX, }to find $cxx on the PATH" \
    "apt-get install g++, or set CXX to a g++ of version 12 or newer"
  version=$("$cxx" -dumpfullversion -dumpversion 2>/dev/null || echo 0)
  if "$cxx" --version | grep -qi clang; then
    is_at_least 14 "$version" || fail "clang $version is too old: C++20 as Limbeck uses it needs clang 14 or g++ 12" \
      "$cxx --version" "apt-get install g++-12, then start this again with CXX=g++-12"
  else
    is_at_least 12 "$version" || fail "g++ $version is too old: C++20 as Limbeck uses it needs g++ 12 or newer" \
      "$cxx --version" "apt-get install g++-12, then start this again with CXX=g++-12"
  fi
  version=$(cmake --version 2>/dev/null | awk 'NR == 1 { print $3 }')
  is_at_least 3.25 "${version:-0}" || fail "CMake ${version:-(none)} is too old: the presets need 3.25" \
    "cmake --version" "install CMake 3.25 or newer (Debian 12 has it)"
}
