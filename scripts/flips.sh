#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Flips every bit of every N-th byte (default: of every byte) of a whole project's files, cuts them at every length
# to 4 KiB and at 1,000 others, and prints how many were noticed (docs/reliability.md).
#
# Usage: scripts/flips.sh [--one-bit] [N] [BUILD-FOLDER]
#   --one-bit   of each of these bytes one bit, another one from byte to byte: an eighth of the time

set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" = --one-bit ]; then
  export LIMBECK_FLIP_BITS=1
  shift
fi
every=${1:-1}
build=${2:-build/release}
test=$build/bin/tests/project_flips_test
[ -x "$test" ] || {
  printf 'Failed: there is no %s\nTo do:  cmake --build --preset release --target project_flips_test\n' "$test" >&2
  exit 1
}
# In memory where there is room: it writes the files some hundred thousand times.
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ]; then export TMPDIR=/dev/shm; fi
LIMBECK_FLIPS=$every exec "$test"
