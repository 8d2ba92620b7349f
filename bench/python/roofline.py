#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far from the machine's peak is a training step? Measures the peaks (products and convolutions in float32 and
bfloat16, copies in and out of the caches), counts what each pair's step multiplies, and divides by the times of a
result file of bench/run.sh; and adds up the convolutions of a step, each measured by itself, which is what a step
with nothing else in it would take: roofline.py RESULT.json [PAIR[:BATCH]]..."""
import json
import os
import statistics
import sys
import time

import torch
import torch.nn.functional as F

from work import Work

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def seconds(function, repeats=30, of=min):
    """The fastest of some: a peak is what the machine can do when nobody disturbs it."""
    for _ in range(3):
        function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return of(times)


def peak_flops(dtype):
    """The best of a matrix product and of 3x3 convolutions at the sizes of the pairs."""
    found = {}
    a, b = (torch.randn(1536, 1536, dtype=dtype) for _ in range(2))
    found["1536x1536 product"] = 2 * 1536**3 / seconds(lambda: a @ b, 10)
    for channels, side in ((16, 32), (32, 16), (64, 8), (128, 8)):
        x = torch.randn(64, channels, side, side, dtype=dtype).contiguous(memory_format=torch.channels_last)
        w = torch.randn(channels, channels, 3, 3, dtype=dtype).contiguous(memory_format=torch.channels_last)
        flops = 2 * 64 * side * side * channels * channels * 9
        found[f"3x3 convolution, {channels} channels"] = flops / seconds(lambda x=x, w=w: F.conv2d(x, w, padding=1))
    return found


def copy_rate(megabytes):
    x = torch.empty(megabytes << 18)
    y = torch.empty_like(x)
    return 2 * x.numel() * 4 / seconds(lambda: y.copy_(x))


def called(network, x, kinds):
    """Of a forward pass, in order: (module, shape of its input, numbers that it gives) of those kinds of modules."""
    found = []
    handles = [module.register_forward_hook(
        lambda module, inputs, output: found.append((module, tuple(inputs[0].shape), output.numel())))
        for module in network.modules() if isinstance(module, kinds)]
    with torch.no_grad():
        network.eval()(x)
    for handle in handles:
        handle.remove()
    return found


def multiply_adds(network, x):
    """Of all convolutions and linear layers, for one sample; and those of the first, whose input wants no gradient."""
    counts = [module.weight[0].numel() * outputs
              for module, _, outputs in called(network, x, (torch.nn.Conv2d, torch.nn.Linear))]
    return sum(counts), counts[0]


def step_flops(folder, batch, live):
    work = Work(folder, False)
    x = torch.zeros(1, *work.samples.shape[1:])
    own, first = multiply_adds(work.network("student"), x)
    teacher, _ = multiply_adds(work.network("teacher"), x)
    return 2 * batch * (3 * own - first + (teacher if live else 0))


def convolution_seconds(module, shape, dtype, backward, to_input):
    """One convolution as everybody calls it, channels last, its data where the last call left them: the median, as
    of steps."""
    x = torch.randn(shape).to(dtype).contiguous(memory_format=torch.channels_last)
    weight = module.weight.to(dtype).contiguous(memory_format=torch.channels_last)
    geometry = (module.stride, module.padding, module.dilation)

    def forward():
        return F.conv2d(x, weight, None, *geometry, module.groups)

    taken = seconds(forward, of=statistics.median)
    if backward:
        gradient = torch.randn_like(forward())
        taken += seconds(lambda: torch.ops.aten.convolution_backward(
            gradient, x, weight, None, *geometry, False, [0, 0], module.groups, [to_input, True, False]),
            of=statistics.median)
    return taken


def convolutions_alone(folder, batch, dtype, live, known):
    """Seconds that the convolutions of a step take by themselves; None: it has none. `known`: what was measured before."""
    work = Work(folder, False)
    x = torch.zeros(batch, *work.samples.shape[1:])
    total = 0
    for role, learns in (("student", True), ("teacher", False)):
        if not learns and not live:
            continue
        for number, (module, shape, _) in enumerate(called(work.network(role), x, torch.nn.Conv2d)):
            to_input = learns and number > 0
            key = (repr(module), shape, dtype, learns, to_input)
            if key not in known:
                known[key] = convolution_seconds(module, shape, dtype, learns, to_input)
            total += known[key]
    return total or None


def main():
    torch.set_flush_denormal(True)
    with open(sys.argv[1], encoding="utf-8") as file:
        result = json.load(file)
    peaks = {}
    with torch.no_grad():
        for name, dtype in TYPES.items():
            found = peak_flops(dtype)
            peaks[name] = max(found.values())
            for what, rate in found.items():
                print(f"{name}: {what}: {rate / 1e9:.0f} GFLOP/s")
        for megabytes in (1, 8, 256):
            print(f"copy of {megabytes} MiB: {copy_rate(megabytes) / 1e9:.0f} GB/s")
    print("\n| pair | batch | Limbeck as | ms a step | GFLOP a step | GFLOP/s | of the peak | convolutions alone, ms |\n"
          "|---|---|---|---|---|---|---|---|")
    seen, known = {}, {}
    for row in result["rows"]:
        seen.setdefault((row["pair"], row["batch"], row["limbeck"]), []).append(row["limbeck_ms"])
    for (pair, batch, config), times in seen.items():
        if len(sys.argv) > 2 and not {pair, f"{pair}:{batch}"} & set(sys.argv[2:]):
            continue
        folder = os.path.join(ROOT, "build/bench", f"{pair}-{batch}")
        precision, _, keeping = config.partition(" ")
        flops = step_flops(folder, batch, keeping == "live")
        rate = flops / (statistics.median(times) / 1e3)
        with torch.no_grad():
            alone = convolutions_alone(folder, batch, TYPES[precision], keeping == "live", known)
        print(f"| {pair} | {batch} | {config} | {statistics.median(times):.3g} | {flops / 1e9:.3g} | {rate / 1e9:.3g} | "
              f"{100 * rate / peaks[precision]:.2g} % | {'–' if alone is None else format(1e3 * alone, '.3g')} |", flush=True)


if __name__ == "__main__":
    main()
