#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Breaks each rule of check-rules.sh once, in a scratch folder, and fails when one goes unnoticed.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unnoticed=0

# file PATH LINE: a source file of the house with one line in it.
file() {
  mkdir -p "$scratch/$(dirname "$1")"
  printf '// SPDX-License-Identifier: GPL-3.0-or-later\n%s\n' "$2" >"$scratch/$1"
}

# is_refused PATH LINE: the line must break a rule in this place. is_allowed: it must not.
is_refused() {
  file "$@"
  if "$here/check-rules.sh" --root "$scratch" >/dev/null 2>&1; then
    printf 'went unnoticed: %s in %s\n' "$2" "$1" >&2
    unnoticed=1
  fi
  rm "$scratch/$1"
}
is_allowed() {
  file "$@"
  if ! "$here/check-rules.sh" --root "$scratch" >/dev/null 2>&1; then
    printf 'wrongly refused: %s in %s\n' "$2" "$1" >&2
    unnoticed=1
  fi
  rm "$scratch/$1"
}

is_refused backend/runner/a.cpp '#include <torch/torch.h>'
is_refused backend/engine/engine.h '#include <ATen/ATen.h>'
is_refused app/a.h '#  include <c10/util/Exception.h>'
is_refused tests/app/a.cpp '#include <torch/torch.h>'
is_allowed backend/engine/models/a.h '#include <torch/torch.h>'
is_allowed tests/backend/engine/a.cpp '#include <torch/torch.h>'
is_refused backend/engine/training/a.cpp '#include <ATen/cuda/CUDAGraph.h>'
is_refused backend/engine/device/a.cpp '#include <cuda_runtime_api.h>'
is_allowed backend/engine/cuda/a.cpp '#include <c10/cuda/CUDAStream.h>'
is_refused backend/types/a.h '#include <QString>'
is_refused app/cli/a.cpp '#include <QtCore/QString>'
is_allowed app/a.cpp '#include <QString>'
is_refused backend/runner/a.cpp '#include "app/document.h"'
is_refused app/cli/a.cpp '#include "widgets/plot.h"'
is_allowed app/cli/a.cpp '#include "app/cli/arguments.h"'
is_refused widgets/plot.h '#include <qcustomplot.h>'
is_refused app/a.cpp '#include "qcustomplot.h"'
is_allowed widgets/plot.cpp '#include <qcustomplot.h>'
is_refused widgets/a.cpp '#include "backend/project/store.h"'
is_allowed widgets/a.cpp '#include "backend/types/error.h"'
is_refused backend/answers/a.cpp '#include "backend/engine/training/trainer.h"'
is_allowed backend/answers/a.cpp '#include "backend/engine/engine.h"'
is_refused widgets/a.cpp '#include "backend/answers/answer_file.h"'
is_refused backend/types/a.cpp '#include "backend/data/idx.h"'
is_refused backend/types/a.cpp '#include <fstream>'
is_refused widgets/CMakeLists.txt 'add_compile_definitions(QT_NO_KEYWORDS)'

mkdir -p "$scratch/widgets"
printf 'int a;\n' >"$scratch/widgets/a.cpp"
if "$here/check-rules.sh" --root "$scratch" >/dev/null 2>&1; then
  printf 'went unnoticed: a file without a licence line\n' >&2
  unnoticed=1
fi
exit "$unnoticed"
