# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacks what a C++ program needs out of one wheel: unpack_wheel.py WHEEL FOLDER cpu|cuda.

Headers, CMake files and libraries of torch, the libraries of the NVIDIA wheels, for the CUDA flavour also the headers
of the CUDA runtime (which some of torch's include); no Python, and for the CPU flavour
nothing that CUDA alone would load. torch/ and nvidia/ stay beside each other: the libraries find one another by
relative RPATH.
"""

import fnmatch
import os
import sys
import zipfile

KEPT = ["torch/include/*", "torch/share/cmake/*", "torch/lib/*.so*", "*.dist-info/METADATA",
        "*.dist-info/LICENSE*", "*.dist-info/licenses/*", "*.dist-info/License*", "*.dist-info/NOTICE*"]
KEPT_NVIDIA = {
    # What libtorch_cpu.so names in its dynamic section, and no more.
    "cpu": ["nvidia/cu13/lib/libcupti.so*", "nvidia/cu13/lib/libcudart.so*"],
    "cuda": ["nvidia/*/lib/*.so*"],
}
LEFT_OUT = {
    # libtorch.so is an empty shell that, in this wheel, pulls in libtorch_cuda.so.
    "cpu": ["torch/lib/*cuda*", "torch/lib/*nvrtc*", "torch/lib/*nvshmem*", "torch/lib/*python*",
            "torch/lib/libtorch.so", "torch/lib/libtorch_global_deps.so", "torch/lib/libshm*"],
    # Libraries that nothing in LibTorch loads.
    "cuda": ["torch/lib/*python*", "torch/lib/libshm*", "torch/lib/libtorch_global_deps.so", "nvidia/*.alt.so*",
             "nvidia/*/libcusolverMg*", "nvidia/*/libcufftw*", "nvidia/*/libnvblas*", "nvidia/*/libnvperf*",
             "nvidia/*/libpcsampling*"],
}


# A few hundred small files, of this wheel alone.
RUNTIME_WHEEL = "nvidia_cuda_runtime-*"
RUNTIME_HEADERS = "nvidia/*/include/*"


def is_wanted(name: str, wheel: str, flavour: str) -> bool:
    def matches(patterns):
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)

    if flavour == "cuda" and fnmatch.fnmatchcase(os.path.basename(wheel), RUNTIME_WHEEL) and matches([RUNTIME_HEADERS]):
        return True
    return matches(KEPT + KEPT_NVIDIA[flavour]) and not matches(LEFT_OUT[flavour])


def main(wheel: str, folder: str, flavour: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if is_wanted(name, wheel, flavour)]
        archive.extractall(folder, names)
    print(f"  {len(names)} files unpacked")


if __name__ == "__main__":
    main(*sys.argv[1:])
