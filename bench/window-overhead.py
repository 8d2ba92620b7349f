#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the open window with live plots costs training: the glyphs sample from bench_live_run and from limbeck-cli, in
turn (A B A B ...), both at the window's niceness. Prints medians, spreads and ratios of the seconds spent in training
and of the CPU seconds of the whole process, which other programs of a shared machine disturb less.

Usage: xvfb-run -a bench/window-overhead.py [PAIRS] [EPOCHS]      (default: 5 4; needs -DLIMBECK_BENCH=ON)
"""
import json, os, pathlib, resource, statistics, subprocess, sys, tempfile

binaries = pathlib.Path(__file__).resolve().parent.parent / "build/release/bin"
pairs, epochs = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((1, 5), (2, 4)))


def cpu_of(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return output, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


window, cli, shares = [], [], []
with tempfile.TemporaryDirectory() as work:
    for pair in range(pairs):
        for kind in ("window", "cli"):
            project = f"{work}/{kind}{pair}"
            os.environ["XDG_CACHE_HOME"] = f"{project}-cache"  # answers that an earlier run has kept would be a head start
            subprocess.run([binaries / "limbeck-cli", "new", project, "--sample", "glyphs", "--set", f"training.epochs={epochs}",
                            "--set", "teacher.training.epochs=1", "--set", "student.alone=false"], check=True, stdout=subprocess.DEVNULL)
            if kind == "window":
                output, _ = cpu_of([binaries / "bench_live_run", project])
                figures = json.loads(output)
                window.append((figures["training"], figures["cpu"]))
                shares.append(figures["gui_share"])
            else:
                _, cpu = cpu_of(["nice", "-n", "5", binaries / "limbeck-cli", "run", project])
                shown = subprocess.run([binaries / "limbeck-cli", "show", project, "--json"], check=True, capture_output=True, text=True)
                objects = [json.loads(line) for line in shown.stdout.splitlines()]
                cli.append((sum(o["run"]["seconds"] for o in objects if o["event"] == "run"), cpu))
            print(kind, *(f"{value:.2f}" for value in (window if kind == "window" else cli)[-1]), flush=True)
for at, name in enumerate(("seconds in training", "CPU seconds")):
    ours, theirs = [w[at] for w in window], [c[at] for c in cli]
    ratios = [a / b for a, b in zip(ours, theirs)]
    print(f"{name}: window median {statistics.median(ours):.2f} ({min(ours):.2f} to {max(ours):.2f}), cli "
          f"{statistics.median(theirs):.2f} ({min(theirs):.2f} to {max(theirs):.2f}), ratio of medians "
          f"{statistics.median(ours) / statistics.median(theirs):.3f}, of pairs {min(ratios):.3f} to {max(ratios):.3f}")
print(f"GUI thread: median {100 * statistics.median(shares):.2f} % of the machine")
