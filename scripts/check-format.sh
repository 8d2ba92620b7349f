#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Fails when a C++ file is not formatted as .clang-format says. scripts/check-format.sh --fix formats them.

set -euo pipefail
cd "$(dirname "$0")/.."

# In a clone what git tracks (a file half written by hand is nobody's business yet), else all there is.
mapfile -t files < <(
  git ls-files '*.h' '*.cpp' 2>/dev/null || find . -path ./build -prune -o \( -name '*.h' -o -name '*.cpp' \) -print
)
existing=()
for file in "${files[@]}"; do
  [ ! -f "$file" ] || existing+=("$file")
done
[ ${#existing[@]} -gt 0 ] || exit 0

if [ "${1:-}" = --fix ]; then
  clang-format -i "${existing[@]}"
elif ! clang-format --dry-run -Werror "${existing[@]}"; then
  printf '\nFailed: some files are not formatted as .clang-format says\n' >&2
  printf 'Tried:  clang-format --dry-run -Werror (%s)\n' "$(clang-format --version)" >&2
  printf 'To do:  scripts/check-format.sh --fix\n' >&2
  exit 1
fi
