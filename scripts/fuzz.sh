#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Usage: scripts/fuzz.sh [SECONDS [TARGET...]]
# Builds the fuzzers (clang) and runs each of them, or those named (project safetensors archive config), for so many
# seconds, 600 if none are given. What they have found useful is kept in build/fuzz/corpus, and the next call begins
# with it. Exit 1 when one of them has found a crash; the input that gives it then lies in build/fuzz/crashes.

set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-600}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(project safetensors archive config)

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target fuzz_seeds "${targets[@]/#/fuzz_}"
corpus=build/fuzz/corpus
build/fuzz/bin/fuzz_seeds "$corpus"
if [ -d "${LIMBECK_SHARED:-}/golden" ]; then
  # The small ones: libFuzzer reads no more than a megabyte of each.
  find "$LIMBECK_SHARED/golden" -name '*.safetensors' -size -64k -exec cp -n -t "$corpus/safetensors" {} + || true
fi
mkdir -p build/fuzz/crashes
export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
failed=0
for target in "${targets[@]}"; do
  log=build/fuzz/$target.log
  build/fuzz/bin/fuzz_"$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 -max_len=200000 \
    -print_final_stats=1 -report_slow_units=100000 -artifact_prefix="build/fuzz/crashes/$target-" "$corpus/$target" >"$log" 2>&1 || failed=1
  printf '%-12s %s executions, %s, crashes: %s\n' "$target" \
    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
    "$(grep -oE 'cov: [0-9]+ ft: [0-9]+' "$log" | tail -n 1)" \
    "$(find build/fuzz/crashes -regex ".*/$target-\(crash\|timeout\|oom\|leak\)-.*" | wc -l)"
done
exit "$failed"
