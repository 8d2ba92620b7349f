#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Usage: scripts/check-portable.sh FILE...
# Fails when a program or library asks for more than LibTorch, libc and the compiler's runtime, or would look for
# them by a path of this machine. Prints the oldest glibc and libstdc++ that each runs with.

set -euo pipefail
allowed='lib(torch|torch_cpu|c10|c|m|dl|rt|pthread|gcc_s|stdc\+\+)\.so|ld-linux'
broken=0
for file in "$@"; do
  [ -e "$file" ] || { printf '%s is not there: build first\n' "$file" >&2; exit 1; }
  dynamic=$(readelf -d "$file")
  if more=$(grep NEEDED <<<"$dynamic" | grep -vE "\[($allowed)"); then
    printf '%s asks for more than a LibTorch:\n%s\n' "$file" "$more" >&2
    broken=1
  fi
  if ! grep -qE '\(RUNPATH\).*\[[$]ORIGIN' <<<"$dynamic"; then
    printf '%s has no RUNPATH that begins with its own folder:\n%s\n' "$file" "$(grep PATH <<<"$dynamic")" >&2
    broken=1
  fi
  printf '%s needs %s, %s\n' "${file##*/}" \
    "$(readelf -V "$file" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -n 1)" \
    "$(readelf -V "$file" | grep -oE 'GLIBCXX_[0-9.]+' | sort -uV | tail -n 1)"
done
exit "$broken"
