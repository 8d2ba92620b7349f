#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Keeps the rules about who may include and link whom. Prints what breaks them; exit 1 then.
#
# Usage: scripts/check-rules.sh              the source files
#        scripts/check-rules.sh --linkage D  the programs in folder D (readelf), those that are there
#        scripts/check-rules.sh --root D     the source files under another root (used to test this script)

set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
broken=0

# forbid RULE PATTERN FILE...: no line of the files may match.
forbid() {
  local rule=$1 pattern=$2 hits
  shift 2
  [ $# -gt 0 ] || return 0
  if hits=$(grep -nE "$pattern" "$@" /dev/null); then
    printf '%s:\n%s\n\n' "$rule" "$hits" >&2
    broken=1
  fi
}

# sources FOLDER...: the C++ files under them, those folders that exist.
sources() {
  local folder
  for folder in "$@"; do
    [ ! -d "$folder" ] || find "$folder" -type f \( -name '*.h' -o -name '*.cpp' \)
  done
}

check_sources() {
  cd "$root"
  local torch='^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"](torch|ATen|c10|caffe2)/'
  local qt='^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"](Q[A-Z]|Qt)'
  local plot='^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]qcustomplot\.h'
  local files

  mapfile -t files < <(sources backend widgets app tests | grep -vE '^backend/engine/|^tests/backend/')
  [ ! -f backend/engine/engine.h ] || files+=(backend/engine/engine.h)
  forbid 'torch headers belong under backend/engine/ (not in engine.h), tests/backend/ and bench/ alone' "$torch" "${files[@]}"

  mapfile -t files < <(sources backend tests | grep -v '^backend/engine/cuda/')
  forbid 'one engine runs with either flavour of LibTorch: headers of CUDA belong under backend/engine/cuda/ alone' \
    '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]((ATen|c10)/cuda/|cuda)' "${files[@]}"

  mapfile -t files < <(sources backend app/cli)
  forbid 'no Qt under backend/ or app/cli/' "$qt" "${files[@]}"
  forbid 'backend/ and app/cli/ know nothing of the window' '#[[:space:]]*include[[:space:]]*"(widgets/|app/[^c])' "${files[@]}"

  mapfile -t files < <(sources backend widgets app tests bench | grep -vE '^widgets/.*\.cpp$')
  forbid 'qcustomplot.h belongs in the .cpp files of widgets/' "$plot" "${files[@]}"

  mapfile -t files < <(sources widgets)
  forbid 'widgets/ know the values of backend/types/ alone' '#[[:space:]]*include[[:space:]]*"(app/|backend/(answers|data|project|runner|engine)/)' "${files[@]}"

  mapfile -t files < <(sources backend/answers)
  forbid 'backend/answers/ serves the engine and the core and knows of them the interface of the engine alone' \
    '#[[:space:]]*include[[:space:]]*"backend/((data|project|runner)/|engine/([^e]|e[^n]))' "${files[@]}"

  mapfile -t files < <(sources backend/types)
  forbid 'backend/types/ holds values: no other room, no input or output' \
    '#[[:space:]]*include[[:space:]]*("backend/(answers|data|project|runner|engine)/|<(fstream|iostream|cstdio)>)' "${files[@]}"

  mapfile -t files < <(find widgets app -name CMakeLists.txt 2>/dev/null)
  forbid 'QCustomPlot 2.1.0 does not compile with these' 'QT_NO_(KEYWORDS|FOREACH)' "${files[@]}"

  local file
  while read -r file; do
    [ -z "$file" ] || { printf 'no SPDX licence line at the head of %s\n' "$file" >&2; broken=1; }
  done < <(sources backend widgets app tests bench | while read -r file; do
    head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || echo "$file"
  done)
}

# needs_none PROGRAM PATTERN RULE: what the dynamic section of a program must not name.
needs_none() {
  local hits
  [ -e "$1" ] || return 0
  if hits=$(readelf -d "$1" | grep NEEDED | grep -E "$2"); then
    printf '%s, but %s names\n%s\n\n' "$3" "$1" "$hits" >&2
    broken=1
  fi
}

check_linkage() {
  local bin=$1
  needs_none "$bin/limbeck-cli" 'libQt|QCustomPlot' 'limbeck-cli links no Qt'
  needs_none "$bin/limbeck-cli" 'libtorch|libc10|limbeck_engine' 'the engine is loaded when it is first needed'
  needs_none "$bin/limbeck" 'libtorch|libc10|limbeck_engine' 'the window is up before the engine'
  needs_none "$bin/limbeck" 'libQt6Sql' 'one copy of SQLite in the process'
  needs_none "$bin/../lib/liblimbeck_engine.so" 'libQt|libsqlite3' 'the engine knows neither the window nor the document'
}

case ${1:-} in
  '') check_sources ;;
  --root) root=$2; check_sources ;;
  --linkage) check_linkage "$2" ;;
  *) printf '%s: unknown argument %s\n' "${0##*/}" "$1" >&2; exit 2 ;;
esac
if [ "$broken" -ne 0 ]; then
  printf 'Failed: the rules above are broken\nTried:  %s\nTo do:  move the lines named to where they belong\n' "$0 $*" >&2
fi
exit "$broken"
