#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The headless sample over several seeds: by how much does the student with a teacher beat the student alone?
# Prints a line a seed and the mean and spread of the margin, in points of test accuracy.
#
# Usage: bench/glyphs-margin.sh [SEED]...        (default: 0 1 2; needs scripts/run.sh --build-only before)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cli=${LIMBECK_CLI:-$root/build/release/bin/limbeck-cli}
[ -x "$cli" ] || { echo "$cli is not there: run scripts/run.sh --build-only first" >&2; exit 1; }
[ $# -gt 0 ] || set -- 0 1 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for seed; do
  "$cli" new "$work/$seed" --sample glyphs --set training.seed="$seed" --set data.seed="$seed" > /dev/null
  start=$(date +%s.%N)
  "$cli" run "$work/$seed" > /dev/null
  end=$(date +%s.%N)
  "$cli" show "$work/$seed" --json > "$work/$seed.json"
  echo "$seed $start $end" >> "$work/times"
done
python3 - "$work" "$@" <<'PYTHON'
import json, statistics, sys
work, seeds = sys.argv[1], sys.argv[2:]
times = {s: float(b) - float(a) for s, a, b in (line.split() for line in open(f"{work}/times"))}
margins = []
print("seed  teacher  student  alone  margin  agreement  seconds")
for seed in seeds:
    runs = {}
    for line in open(f"{work}/{seed}.json"):
        item = json.loads(line)
        for run in item.get("runs", [item] if "role" in item else []):
            runs[run["role"]] = run
    accuracy = {role: 100 * run["test_accuracy"] for role, run in runs.items()}
    margin = accuracy["student"] - accuracy["baseline"]
    margins.append(margin)
    print(f"{seed:>4}  {accuracy['teacher']:7.2f}  {accuracy['student']:7.2f}  {accuracy['baseline']:5.2f}  "
          f"{margin:+6.2f}  {100 * runs['student']['test_agreement']:9.2f}  {times[seed]:7.1f}")
spread = statistics.stdev(margins) if len(margins) > 1 else 0.0
print(f"margin: mean {statistics.mean(margins):+.2f} points, standard deviation {spread:.2f}, "
      f"smallest {min(margins):+.2f}, over {len(margins)} seeds")
PYTHON
