#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Fetches LibTorch 2.11.0 into the cache (~/.cache/limbeck), where CMake finds it. Does nothing when it is there.
#
# Usage: scripts/fetch-libtorch.sh [--cpu | --cuda] [--where] [--help]
#   --cpu    545 MB to download, 500 MB on disk (the default)
#   --cuda   2.5 GB to download, for NVIDIA GPUs with a driver for CUDA 13.0
#   --where  only prints the folder
#
# The libraries and headers come from the PyPI wheels that scripts/libtorch/*.txt pin by hash. A download that broke
# off is taken up after the last whole wheel. pip's settings for mirrors and proxies hold (PIP_INDEX_URL, HTTPS_PROXY).

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

flavour=cpu
for argument in "$@"; do
  case $argument in
    --cpu | --cuda) flavour=${argument#--} ;;
    --where) where=yes ;;
    --help | -h) help_of "$0"; exit 0 ;;
    *) wrong_use "unknown argument '$argument'" ;;
  esac
done

target=$(libtorch_folder "$flavour")
if [ -n "${where:-}" ]; then
  printf '%s\n' "$target"
  exit 0
fi
own_libtorch="unpack a LibTorch $libtorch_version from pytorch.org yourself and give -DCMAKE_PREFIX_PATH=/path/to/libtorch"

machine=$(uname -m)
case $flavour-$machine in
  cpu-x86_64 | cpu-aarch64 | cuda-x86_64) ;;
  *) fail "no LibTorch of the $flavour flavour is pinned for $machine" "uname -m" "$own_libtorch" ;;
esac

is_complete() { [ -f "$target/.complete" ]; }
is_complete && exit 0

partial=$target.partial
mkdir -p "$(dirname "$target")" 2>/dev/null || fail "the cache folder could not be made" "mkdir $(dirname "$target")" \
  "give this user the right to write there, or set XDG_CACHE_HOME to a folder on a disk with space"

# Two builds that start together fetch once: the second waits, then finds it done.
exec 9>"$target.lock"
if ! flock -n 9; then
  say "Another process is fetching LibTorch; waiting for it"
  flock 9
  is_complete && exit 0
fi

python3 -m pip --version >/dev/null 2>&1 ||
  fail "pip is needed to fetch LibTorch" "python3 -m pip --version" "apt-get install python3-pip"

# Megabytes at the peak: all that is unpacked, and one wheel twice (pip keeps it in a temporary place first).
if [ "$flavour" = cuda ]; then needed=5000; else needed=1700; fi
mkdir -p "$partial"
already=$(du -sm "$partial" | cut -f 1)
free=$(df -Pm "$partial" | awk 'NR == 2 { print $4 }')
if [ $((free + already)) -lt "$needed" ]; then
  rmdir "$partial" 2>/dev/null || true
  fail "not enough disk space for LibTorch: $needed MB are needed for a while, $free MB are free" \
    "df $(dirname "$target")" "free some space, or set XDG_CACHE_HOME to a folder on a larger disk"
fi

# pip wants every platform tag spelled out when it picks wheels for a Python that is not its own.
platforms=()
for minor in {28..5}; do platforms+=(--platform "manylinux_2_${minor}_$machine"); done
for old in 2014 2010 1; do platforms+=(--platform "manylinux${old}_$machine"); done
if [ -t 1 ]; then progress=on; else progress=off; fi

fetch_one() { # REQUIREMENT: one line of libtorch/*.txt
  local name=${1%% *} download=$partial/.download wheel
  rm -rf "$download"
  mkdir -p "$download/tmp"
  printf '%s\n' "$1" >"$download/requirement.txt"
  printf '  %s\n' "$name"
  TMPDIR=$download/tmp python3 -m pip --disable-pip-version-check download --quiet --no-cache-dir \
    --progress-bar "$progress" --no-deps --only-binary=:all: --require-hashes "${platforms[@]}" \
    --python-version 3.11 --implementation cp --dest "$download" -r "$download/requirement.txt" ||
    fail "LibTorch could not be downloaded ($name)" \
      "python3 -m pip download $name, from ${PIP_INDEX_URL:-the package index that pip is set to, PyPI unless told otherwise}; $(df -Pm "$partial" | awk 'NR == 2 { print $4 }') MB of disk are free" \
      "check the network and the proxy (HTTPS_PROXY, PIP_INDEX_URL, pip config list) and start this again: whole wheels are kept; or $own_libtorch"
  wheel=$(find "$download" -maxdepth 1 -name '*.whl')
  python3 "$root/scripts/libtorch/unpack_wheel.py" "$wheel" "$partial" "$flavour" ||
    fail "$name could not be unpacked" "to unpack $wheel into $partial" \
      "free some disk space (df $partial), then start this again"
  rm -rf "$download"
  touch "$partial/.done-$name"
}

say "Fetching LibTorch $libtorch_version ($flavour) into $target"
while read -r requirement; do
  [ -e "$partial/.done-${requirement%% *}" ] || fetch_one "$requirement"
done < <(grep -v '^#' "$root/scripts/libtorch/$flavour.txt")

rm -f "$partial"/.done-*
touch "$partial/.complete"
rm -rf "$target"
mv "$partial" "$target"
say "LibTorch is in $target ($(du -sm "$target" | cut -f 1) MB)"
