#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs clang-tidy over the torch-free sources: those that differ from origin/main, all of them where nothing does.
#
# Usage: scripts/tidy.sh BUILD_FOLDER [FILE...]
#
# Sources that include torch headers take half a minute each and are left to the compiler's warnings.

set -euo pipefail
[ $# -ge 1 ] || { printf 'usage: %s BUILD_FOLDER [FILE...]\n' "$0" >&2; exit 2; }
build=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/.."

files=("$@")
if [ ${#files[@]} -eq 0 ] && git rev-parse -q --verify origin/main >/dev/null; then
  mapfile -t files < <(git diff --name-only --diff-filter=d origin/main -- '*.cpp')
fi
if [ ${#files[@]} -eq 0 ]; then
  mapfile -t files < <(git ls-files '*.cpp')
fi
mapfile -t files < <(printf '%s\n' "${files[@]}" | grep -vE '^(backend/engine|tests/backend/engine|bench)/')
# What this build does not compile (the window of a server build, say) clang-tidy has no flags for.
built=()
for file in "${files[@]}"; do
  [ -z "$file" ] || ! grep -qF "/$file\"" "$build/compile_commands.json" || built+=("$file")
done
[ ${#built[@]} -gt 0 ] || exit 0

# gcc's own options in compile_commands.json mean nothing to clang.
printf '%s\n' "${built[@]}" |
  xargs -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-unused-command-line-argument
