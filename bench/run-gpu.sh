#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# All that is measured on a GPU, in one call of under ten minutes, on a machine that has Python with torch 2.11 and
# numpy, and need have neither a compiler nor the network. bench/README.md says what to carry there.
#
# Usage: bench/run-gpu.sh [--build FOLDER] [--python PYTHON] [--device cuda:N] [--minutes N] [--out FOLDER] [OPTION]...
#   --build    a build of the preset portable with -DLIMBECK_BENCH=ON (default: build/portable)
#   --python   that has torch 2.11 (default: python3)
#   --device   cpu: a rehearsal (default: cuda:0)
#   --minutes  for all together (default: 9)
#   --out      folder for results (default: bench/results): gpu.json, gpu.md, steps-with-and-without-graph.txt,
#              tests.txt where tests were carried along
#   OPTION     of bench/python/compare.py: --pair, --config, --other, --rounds …

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../scripts/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/common.sh"

build=$root/build/portable python=python3 device=cuda:0 minutes=9 out=$root/bench/results
more=()
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) help_of "$0"; exit 0 ;;
    --build | --python | --device | --minutes | --out)
      [ $# -gt 1 ] || wrong_use "$1 has no value"
      printf -v "${1#--}" '%s' "$2"
      shift 2
      ;;
    *) more+=("$1"); shift ;;
  esac
done
begin=$SECONDS
bench_steps=$build/bin/bench_steps
[ -x "$bench_steps" ] || fail "bench_steps is not there" "to find $bench_steps" \
  "build it where there is a compiler (cmake --preset portable -DLIMBECK_BENCH=ON && cmake --build --preset portable) and bring bin/ and lib/ here, or name the folder with --build"
torch=$("$python" -c "import numpy, os, torch; assert torch.__version__.split('+')[0] == '$libtorch_version', torch.__version__; print(os.path.dirname(torch.__file__))") ||
  fail "this Python has no torch $libtorch_version with numpy" "$python -c 'import numpy, torch'" \
    "name a Python that has them with --python"
mkdir -p "$out" && out=$(cd "$out" && pwd)
work=$out/work
mkdir -p "$work"
export PYTHONDONTWRITEBYTECODE=1 OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-}
[ -n "$OMP_WAIT_POLICY" ] || unset OMP_WAIT_POLICY

# The engine takes Python's own libraries. Only Limbeck's programs are told so, by a wrapper: Python finds them itself.
limbeck=$work/bench_steps
printf '#!/bin/sh\nLIMBECK_LIBTORCH=%s LD_LIBRARY_PATH=%s exec %s "$@"\n' "$torch" "$torch/lib" "$bench_steps" >"$limbeck"
chmod +x "$limbeck"

say "$(date --iso-8601=seconds), $(uname -srm), $(nproc) cores, torch $("$python" -c 'import torch; print(torch.__version__)') in $torch"
if command -v nvidia-smi >/dev/null; then
  nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv,noheader || true
else
  say "There is no nvidia-smi here"
fi
# With another flavour of torch the plug-in still loads; this tells at once whether it does.
[ -e "$build/lib/liblimbeck_graph.so" ] || say "liblimbeck_graph.so was not built: Limbeck's steps are not replayed as graphs"

others=()
if [[ " ${more[*]-} " != *" --other "* ]]; then
  others=(--other P1 --other P2)
  if command -v cc >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null || [ -n "${CC:-}" ]; then
    others+=(--other P2c)
  else
    say "There is no C compiler, which torch.compile needs: P2c is left out"
  fi
fi
export TORCHINDUCTOR_CACHE_DIR=${TORCHINDUCTOR_CACHE_DIR:-$work/inductor}

# Limbeck by itself, with and without graphs: the quickest to know, so it comes first.
say "Steps with and without graphs"
pairs=(mlp-mlp resnet20-mlp resnet56-resnet20)
[ "$device" != cpu ] || pairs=(mlp-mlp)
for pair in "${pairs[@]}"; do
  folder=$work/$pair-64
  [ -e "$folder/work.json" ] || "$limbeck" export --pair "$pair" --out "$folder" --device "$device"
  for graph in on off; do
    printf '%-18s %5s  graph %-3s  ' "$pair" 64 "$graph"
    printf 'go 20\ngo 100\ngo 100\ngo 100\nquit\n' |
      timeout 90 "$limbeck" serve --work "$folder" --device "$device" --graph "$graph" 2>&1 |
      "$python" -c 'import json, statistics, sys
lines = sys.stdin.read().splitlines()
rows = [json.loads(line) for line in lines if line.startswith("{")]
times = [1e3 * row["total"] / row["rows"] for row in rows if row.get("rows", 0) >= 100]
notes = [note for row in rows for note in row.get("notes", [])]
words = [line for line in lines if not line.startswith("{")]
print(f"{statistics.median(times):.3f} ms a step" if times else "failed:", *notes, *words)' || true
  done
done | tee "$out/steps-with-and-without-graph.txt"

if [ -x "$build/bin/tests/engine_graph" ]; then
  say "Replayed steps give the same numbers (tests)"
  LD_LIBRARY_PATH=$torch/lib timeout 120 "$build/bin/tests/engine_graph" >"$out/tests.txt" 2>&1 || true
  grep -E "PASSED|FAILED|SKIPPED. [0-9]" "$out/tests.txt" || tail -n 5 "$out/tests.txt"
fi

left=$("$python" -c "print(max(0.5, $minutes - ($SECONDS - $begin) / 60))")
say "Beside Python, $left minutes"
status=0
timeout --kill-after=20 "$("$python" -c "print(int(60 * $left) + 20)")" \
  "$python" "$root/bench/python/compare.py" --bench-steps "$limbeck" --work "$work" --device "$device" \
  --minutes "$left" --json "$out/gpu.json" --markdown "$out/gpu.md" "${others[@]}" "${more[@]}" || status=$?
say "$((SECONDS - begin)) seconds; results are in $out"
exit "$status"
