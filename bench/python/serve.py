# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol of `bench_steps serve`: a line of JSON when ready; "go N" trains N steps and gives a line of JSON."""
import argparse
import json
import sys
import time

import torch


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--work", required=True, help="folder that bench_steps export wrote")
    parser.add_argument("--device", default="cpu", help="cpu or cuda:N")
    parser.add_argument("--augment", action="store_true", help="crop and flip")
    return parser


def synchronize(device):
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def say(**values):
    print(json.dumps(values), flush=True)


def serve(device, prepare):
    """`prepare()` gives a function that trains N steps and returns (seconds of each, losses of each)."""
    start = time.perf_counter()
    train = prepare()
    synchronize(device)
    say(ready=True, prepare_seconds=time.perf_counter() - start, device=device, torch=torch.__version__,
        threads=torch.get_num_threads())
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            break
        if len(words) != 2 or words[0] != "go":
            sys.exit(f'found the line {line!r}; "go N" or "quit" is right')
        steps = int(words[1])
        start = time.perf_counter()
        seconds, losses = train(steps)
        synchronize(device)
        say(rows=steps, seconds=seconds, total=time.perf_counter() - start, losses=losses)
