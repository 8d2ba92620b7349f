#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The headless sample over several seeds: by how much does the student with a teacher beat the student alone?
# The student alone is measured twice: with the settings of the sample, as a run's baseline always is, and with the
# learning rate that suits it best (0.05), because a baseline that is tuned worse than what it is held against flatters.
#
# Prints a line a seed, and mean and standard deviation of both margins in points of test accuracy.
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
  echo "$seed $start $(date +%s.%N)" >> "$work/times"
  "$cli" run "$work/$seed" --set training.learning_rate=0.05 > /dev/null
  "$cli" show "$work/$seed" --json > "$work/$seed.json"
done
python3 - "$work" "$@" <<'PYTHON'
import json, statistics, sys
work, seeds = sys.argv[1], sys.argv[2:]
seconds = {s: float(b) - float(a) for s, a, b in (line.split() for line in open(f"{work}/times"))}
same, tuned = [], []
print("seed  teacher  student  alone  margin  alone at 0.05  margin  agreement  seconds")
for seed in seeds:
    objects = [json.loads(line) for line in open(f"{work}/{seed}.json")]
    runs = [(o["run"]["group"], o["run"]["role"], o["metrics"]) for o in objects if o["event"] == "run"]
    first = min(group for group, _, _ in runs)
    of = {role: metrics for group, role, metrics in runs if group == first}
    other = next(metrics for group, role, metrics in runs if group != first and role == "baseline")
    points = {role: 100 * metrics["test_accuracy"] for role, metrics in of.items()}
    alone_tuned = 100 * other["test_accuracy"]
    same.append(points["student"] - points["baseline"])
    tuned.append(points["student"] - alone_tuned)
    print(f"{seed:>4}  {points['teacher']:7.2f}  {points['student']:7.2f}  {points['baseline']:5.2f}  {same[-1]:+6.2f}  "
          f"{alone_tuned:13.2f}  {tuned[-1]:+6.2f}  {100 * of['student']['test_agreement']:9.2f}  {seconds[seed]:7.1f}")
for name, margins in (("same settings", same), ("alone at its own best rate", tuned)):
    spread = statistics.stdev(margins) if len(margins) > 1 else 0.0
    print(f"margin, {name}: mean {statistics.mean(margins):+.2f} points, standard deviation {spread:.2f}, "
          f"smallest {min(margins):+.2f}, over {len(margins)} seeds")
PYTHON
