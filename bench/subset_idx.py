#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the first samples of an IDX folder into another: subset_idx.py FROM TO TRAIN TEST (numbers of samples)."""
import gzip
import os
import struct
import sys


def read(folder, name):
    for ending, opener in ((".gz", gzip.open), ("", open)):
        path = os.path.join(folder, name + ending)
        if os.path.exists(path):
            with opener(path, "rb") as file:
                return file.read()
    sys.exit(f"{folder} holds no {name}")


def cut(data, samples):
    dimensions = data[3]
    sizes = struct.unpack(f">{dimensions}I", data[4 : 4 + 4 * dimensions])
    each = 1
    for size in sizes[1:]:
        each *= size
    start = 4 + 4 * dimensions
    count = min(samples, sizes[0])
    return data[:4] + struct.pack(f">{dimensions}I", count, *sizes[1:]) + data[start : start + count * each]


source, target, train, test = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
os.makedirs(target, exist_ok=True)
for part, samples in (("train", train), ("t10k", test)):
    for what in ("images-idx3", "labels-idx1"):
        name = f"{part}-{what}-ubyte"
        with open(os.path.join(target, name), "wb") as file:
            file.write(cut(read(source, name), samples))
