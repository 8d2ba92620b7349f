#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How fast are Limbeck's training steps beside PyTorch's in Python? Both sides train the same batches from the same
# weights, in turn; a table of ratios is printed.
#
# Usage: bench/run.sh [--quick] [--pair NAME[:BATCH]]... [--json FILE] [OPTION]...
#   --quick   three pairs and short rounds: under three minutes once everything is made
#   --pair    one of those that build/release/bin/bench_steps pairs lists, instead of all
#   --json    writes all that was measured to a file
#   OPTION    of bench/python/compare.py (see its --help): --config, --other, --rounds, --compile-mode …
#
# Builds bench_steps where it is not up to date, and makes a Python of its own with torch 2.11.0 and numpy in
# ~/.cache/limbeck/bench-python (about 2.5 GB are fetched, 5 GB lie there then). Data are made by the program. The
# machine should have nothing else to do. All pairs take about 50 minutes, the first time longer: torch.compile's
# results are kept in ~/.cache/limbeck/inductor.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../scripts/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/common.sh"
# shellcheck source-path=SCRIPTDIR source=lib/python.sh
. "$root/bench/lib/python.sh"

case ${1:-} in --help | -h) help_of "$0"; exit 0 ;; esac
need_bench_python
cmake=(cmake --preset release -DLIMBECK_BENCH=ON)
log=$root/build/bench-build.log
mkdir -p "$root/build"
say "Building bench_steps"
if ! (cd "$root" && "${cmake[@]}" && cmake --build --preset release --target bench_steps -j "$(build_jobs)") >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  fail "bench_steps could not be built" "${cmake[*]} && cmake --build … (whole output: $log)" \
    "run scripts/run.sh --build-only first, which fetches LibTorch and what else is missing"
fi
# Python's modules are not compiled into the source tree.
export PYTHONDONTWRITEBYTECODE=1 TORCHINDUCTOR_CACHE_DIR=${TORCHINDUCTOR_CACHE_DIR:-$(cache_folder)/inductor}
exec "$(bench_python)" "$root/bench/python/compare.py" "$@"
