# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154  # libtorch_version comes from common.sh
# The Python that Limbeck is held against: the torch of the same version, in a folder of its own. Sourced after
# scripts/lib/common.sh.

bench_python_folder() { printf '%s/bench-python' "$(cache_folder)"; }
bench_python() { printf '%s/bin/python' "$(bench_python_folder)"; }

has_bench_python() {
  "$(bench_python)" -c "import numpy, torch; assert torch.__version__.split('+')[0] == '$libtorch_version'" 2>/dev/null
}

need_bench_python() {
  local folder
  folder=$(bench_python_folder)
  ! has_bench_python || return 0
  say "Fetching torch $libtorch_version and numpy for Python from PyPI into $folder: about 2.5 GB, 5 GB when unpacked"
  python3 -m venv "$folder" || fail "a Python environment could not be made" "python3 -m venv $folder" \
    "install python3-venv (apt install python3-venv)"
  "$folder/bin/pip" install --quiet "torch==$libtorch_version" numpy || fail "torch could not be fetched" \
    "$folder/bin/pip install torch==$libtorch_version numpy" "see pip's message above; look to the network and free disk space"
  has_bench_python || fail "the torch that was fetched does not start" "$folder/bin/python -c 'import torch'" \
    "remove $folder and start this again"
}
