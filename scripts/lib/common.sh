# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the scripts: how they speak, fail, and find out what the machine has. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export root

libtorch_version=2.11.0

if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi
if [ -t 2 ]; then red=$'\e[31m' plain2=$'\e[0m'; else red='' plain2=''; fi

say() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }

# fail WHAT TRIED DO: every failure of a step ends with what was tried and what to do about it.
fail() {
  {
    printf '\n%sFailed:%s %s\n' "$red" "$plain2" "$1"
    printf 'Tried:  %s\n' "$2"
    printf 'To do:  %s\n' "$3"
  } >&2
  exit 1
}

wrong_use() {
  printf '%s: %s\nSee %s --help.\n' "${0##*/}" "$1" "$0" >&2
  exit 2
}

# help_of FILE: the comment at the head of a script is its help.
help_of() { sed -n '3,/^$/{s/^# \{0,1\}//p}' "$1"; }

cache_folder() { printf '%s/limbeck' "${XDG_CACHE_HOME:-$HOME/.cache}"; }
libtorch_folder() { printf '%s/libtorch-%s-%s' "$(cache_folder)" "$libtorch_version" "$1"; }

has_nvidia_gpu() {
  [ -e /dev/nvidia0 ] || { command -v nvidia-smi >/dev/null && nvidia-smi -L 2>/dev/null | grep -q '^GPU'; }
}

# As many compilers as there are cores, but not more than the memory holds: a source file that includes the torch
# headers takes up to 2 GB.
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 2000000) }' /proc/meminfo 2>/dev/null || echo "$cores")
  [ "$memory" -ge 1 ] || memory=1
  if [ "$memory" -lt "$cores" ]; then echo "$memory"; else echo "$cores"; fi
}

# first_at_least NEEDED FOUND: whether version FOUND is NEEDED or newer.
is_at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }
