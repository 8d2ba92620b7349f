#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Puts Limbeck through the faults that docs/reliability.md lists, long, and prints what each came to.
#
# Usage: scripts/reliability.sh [--build FOLDER] [--quick] [--help]
#   --build   the build tree with the test programs (default: build/ci, else build/release)
#   --quick   the counts of the ordinary tests instead of the long ones
#
# scripts/test.sh builds what this needs.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

build='' quick=''
while [ $# -gt 0 ]; do
  case $1 in
    --build)
      [ $# -ge 2 ] || wrong_use "--build needs a folder"
      build=$2
      shift
      ;;
    --quick) quick=yes ;;
    --help | -h) help_of "$0"; exit 0 ;;
    *) wrong_use "unknown argument '$1'" ;;
  esac
  shift
done
for folder in "$root/build/ci" "$root/build/release"; do
  if [ -z "$build" ] && [ -d "$folder/bin/tests" ]; then build=$folder; fi
done
[ -n "$build" ] || fail "There are no test programs." "looking into build/ci and build/release" "Run scripts/test.sh first."

resumes=3
if [ -z "$quick" ]; then
  export LIMBECK_KILLS=1000 LIMBECK_POWER_STATES=8 LIMBECK_FAULT_STRIDE=1 LIMBECK_SESSION_STRIDE=1
  resumes=50
fi
export OMP_WAIT_POLICY=PASSIVE
# Faults are made, so that no real disk is needed for them.
memory=${TMPDIR:-/tmp}
if [ -d /dev/shm ]; then memory=/dev/shm; fi

failed=0
# part TITLE PATTERN COMMAND...: runs it and shows the lines of its output that say what it came to.
part() {
  local title=$1 pattern=$2 output status=0 begin=$SECONDS
  shift 2
  say "$title"
  output=$("$@" 2>&1) || status=$?
  grep -E "$pattern" <<<"$output" | sed 's/^/    /' || true
  if [ $status -eq 77 ]; then
    printf '    skipped\n'
  elif [ $status -ne 0 ]; then
    printf '%s\n' "$output" | tail -40
    failed=1
  fi
  printf '    %s s\n' "$((SECONDS - begin))"
}

tests=$build/bin/tests
part "Kills of a writer" '^kills:' env TMPDIR="$memory" "$tests/faults_kill_test"
part "Power failures" '^power:' env TMPDIR="$memory" "$tests/faults_power_test"
part "Full, broken and unreadable disks under the store" ' disk: ' env TMPDIR="$memory" "$tests/faults_full_disk_test"
part "Full and broken disks under a run" '^session,' env TMPDIR="$memory" "$tests/faults_session_fault_test"
part "Faults of the engine" 'tests ran' "$tests/runner_engine_fault_test"
if [ -x "$build/bin/limbeck-cli" ] && [ -e "$build/lib/liblimbeck_engine.so" ]; then
  part "Kills of limbeck-cli" '^kill and resume' "$root/tests/faults/kill_and_resume.sh" "$build/bin/limbeck-cli" "$resumes"
  part "limbeck-cli on a disk of 2 MB" 'disk|limit' "$root/tests/faults/small_disk.sh" "$build/bin/limbeck-cli"
fi
exit $failed
