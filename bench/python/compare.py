#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limbeck's training steps against PyTorch's in Python: the sides train in turn (A B A B), the losses must agree, and
ratios are of neighbouring rounds, so that what else the machine does weighs on both. Called by bench/run.sh."""
import argparse
import datetime
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import time

from server import Refused, Server

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SIZES = [("resnet56-resnet20", 64), ("resnet56-resnet20", 512), ("wrn_40_2-wrn_16_2", 64), ("wrn_40_2-wrn_16_2", 512), ("resnet20-mlp", 64),
         ("resnet20-lenet", 64), ("mlp-mlp", 64)]
QUICK_SIZES = [("resnet56-resnet20", 64), ("resnet20-mlp", 64), ("mlp-mlp", 64)]
CROPPED = {"resnet56-resnet20", "wrn_40_2-wrn_16_2"}  # pairs on 3x32x32, whose live rows crop and flip
SMALL = {"mlp-mlp"}  # one thread is quicker: the tuned sides take one, as Limbeck does by itself

# What Limbeck is asked for in a block of rows, and what it is held against there.
CONFIGS = {
    "float32 live": {"precision": "float32", "cached": False},
    "float32 cached": {"precision": "float32", "cached": True},
    "bfloat16 live": {"precision": "bfloat16", "cached": False},
    "bfloat16 cached": {"precision": "bfloat16", "cached": True},
}
DEFAULT_CONFIGS = ["float32 live", "float32 cached", "bfloat16 cached"]
OTHERS = {"P1": "as most write it", "P2": "well tuned", "P2c": "well tuned, compiled",
          "P2u": "well tuned, but for the teacher's batch norms, which are not folded"}
DEFAULT_OTHERS = ["P1", "P2", "P2c"]

CHECKED = 10  # first steps whose losses must agree one by one; later ones in the mean, up to LOOSELY_CHECKED
LOOSELY_CHECKED = 100
# Sums in another order part the sides by a few 1e-7 in the first step; ten steps of training make thousandths of that.
TOLERANCE = {"float32": 5e-3, "bfloat16": 3e-2}
LOOSE_TOLERANCE = 0.1
FEWEST_ROUNDS = 3
FEWEST_SECONDS = 15  # that a block needs; with less left it is not begun


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench-steps", default=os.path.join(ROOT, "build/release/bin/bench_steps"))
    parser.add_argument("--work", default=os.path.join(ROOT, "build/bench"), help="folder for exports and logs")
    parser.add_argument("--pair", action="append", help="NAME or NAME:BATCH; may be given again (default: all)")
    parser.add_argument("--config", action="append", choices=list(CONFIGS), help="rows (default: all but bfloat16 live)")
    parser.add_argument("--other", action="append", choices=list(OTHERS), help="Python's side (default: all but P2u)")
    parser.add_argument("--device", default="cpu", help="cpu or cuda:N, for all sides")
    parser.add_argument("--compile-mode", default="default", help="of torch.compile")
    parser.add_argument("--wait-policy", default="active", choices=["active", "passive"],
                        help="how Python's OpenMP threads wait: spinning for a while, as is their default, or asleep, as Limbeck's do")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="that a round lasts at least (at least one step)")
    parser.add_argument("--budget", type=float, default=75, help=f"seconds for a block; after {FEWEST_ROUNDS} rounds it ends then")
    parser.add_argument("--quick", action="store_true", help="three pairs, three short rounds")
    parser.add_argument("--minutes", type=float, help="that all takes at most: compiled sides come last, then further "
                        "--config; what does not fit any more is left out and said")
    parser.add_argument("--graph", default="on", choices=["on", "off"], help="whether Limbeck replays steps on a GPU")
    parser.add_argument("--markdown", help="file for the table as Markdown")
    parser.add_argument("--json", help="file for all that was measured")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.budget = FEWEST_ROUNDS, 0.3, 10
    options.deadline = None if options.minutes is None else time.monotonic() + 60 * options.minutes
    return options


def sizes(options):
    if not options.pair:
        return QUICK_SIZES if options.quick else SIZES
    chosen = []
    for text in options.pair:
        name, _, batch = text.partition(":")
        known = [size for size in SIZES if size[0] == name and (not batch or size[1] == int(batch))]
        chosen += known or [(name, int(batch or 64))]
    return chosen


def export(options, pair, batch):
    folder = os.path.join(options.work, f"{pair}-{batch}")
    if not os.path.exists(os.path.join(folder, "work.json")):
        print(f"making data and weights of {pair}, batch {batch}", file=sys.stderr, flush=True)
        done = subprocess.run([options.bench_steps, "export", "--pair", pair, "--batch", str(batch), "--out", folder,
                               "--device", options.device],
                              check=False)
        if done.returncode != 0:
            sys.exit(done.returncode)  # it has said why
    return folder


def commands(options, pair, folder, config, augment):
    """Of each side, by its name."""
    shared = ["--work", folder, "--device", options.device]
    python = shared + (["--augment"] if augment else [])
    tuned = [*python, "--precision", config["precision"], *(["--cache"] if config["cached"] else []),
             *(["--threads", "1"] if pair in SMALL else [])]

    def script(name):
        return [sys.executable, os.path.join(HERE, name)]

    return {
        "Limbeck": [options.bench_steps, "serve", *shared, "--augment", "on" if augment else "off", "--precision",
                    config["precision"], "--cache", "float32" if config["cached"] else "off", "--graph", options.graph],
        "P1": [*script("p1.py"), *python],
        "P2": [*script("p2.py"), *tuned],
        "P2u": [*script("p2.py"), *tuned, "--unfolded"],
        "P2c": [*script("p2.py"), *tuned, "--compile", "--mode", options.compile_mode],
    }


def warm_up(server, seconds):
    """Rounds that are thrown away: a whole epoch at least (a cache fills), and the losses that are checked. Gives the
    steps of a round."""
    server.wait_until_ready()
    server.go(2)  # compiles, allocates
    step = server.go(max(CHECKED, server.warm_steps))
    step = min(step, server.go(max(1, min(int(seconds / step / 2), 200))))
    return max(1, min(int(seconds / step + 1), 20000))


def agreement(ours, theirs, precision):
    """Largest relative differences of the losses of two sides; None: not enough steps."""
    pairs = list(zip(ours, theirs))
    off = [abs(a - b) / max(abs(a), abs(b), 1e-9) for a, b in pairs]
    later = pairs[CHECKED:LOOSELY_CHECKED]
    mean = [statistics.mean(side) for side in zip(*later)] if later else [1, 1]
    result = {"steps": min(CHECKED, len(off)), "largest": max(off[:CHECKED]), "tolerance": TOLERANCE[precision],
              "mean_steps": len(later), "mean": abs(mean[0] - mean[1]) / max(mean), "mean_tolerance": LOOSE_TOLERANCE}
    result["agree"] = result["largest"] <= result["tolerance"] and result["mean"] <= result["mean_tolerance"]
    return result


def quartiles(values):
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3


def measure(options, servers, budget):
    """Rounds of Limbeck, each followed by one of the other; yields (name, pairs of seconds per step)."""
    steps = {server.name: warm_up(server, options.seconds) for server in servers}
    limbeck, others = servers[0], servers[1:]
    rounds = {other.name: [] for other in others}
    start = time.monotonic()
    for number in range(options.rounds):
        if number >= FEWEST_ROUNDS and time.monotonic() - start > budget:
            break
        for other in others:
            time.sleep(0.02)  # whoever was last goes to sleep
            ours = limbeck.go(steps[limbeck.name])
            time.sleep(0.02)
            rounds[other.name].append((ours, other.go(steps[other.name])))
    return rounds, steps


def row_of(pair, batch, config_name, other, limbeck, pairs, steps):
    low, middle, high = quartiles([theirs / ours for ours, theirs in pairs])
    config = CONFIGS[config_name]
    precision = "float32" if other.name == "P1" and config["precision"] == "float32" else config["precision"]
    return {"pair": pair, "batch": batch, "limbeck": config_name, "other": other.name, "rounds": len(pairs),
            "steps_per_round": [steps["Limbeck"], steps[other.name]], "seconds": pairs,
            "limbeck_ms": 1e3 * statistics.median(ours for ours, _ in pairs),
            "other_ms": 1e3 * statistics.median(theirs for _, theirs in pairs),
            "ratio": middle, "ratio_low": low, "ratio_high": high,
            "about": [limbeck.about, other.about],
            "losses": agreement(limbeck.losses, other.losses, precision)}


def start(options, job, folder, augment, log_folder):
    """The sides that come up, Limbeck first, and what kept the others from it. One after the other: each start is
    timed by itself; all at once where time is short."""
    made, refusals = [], []
    config_name = job.config
    wanted = ["Limbeck", *job.others]
    all_commands = commands(options, job.pair, folder, CONFIGS[config_name], augment)
    early = {}
    deadline = None if options.deadline is None else min(options.deadline, time.monotonic() + job.patience)

    def server_of(name):
        server = early.pop(name, None)
        if server is None:
            server = Server(name, all_commands[name], os.path.join(log_folder, f"{name}.log"))
            server.deadline = deadline
        return server

    if options.deadline is not None:
        early = {name: server_of(name) for name in all_commands if name in wanted}
    for name in all_commands:
        if name not in wanted:
            continue
        server = server_of(name)
        try:
            server.wait_until_ready()
            server.warm_steps = made[0].warm_steps if made else server.about["steps_per_epoch"]
            if not CONFIGS[config_name]["cached"]:
                server.warm_steps = CHECKED
            made.append(server)
        except Refused as refusal:
            server.stop()
            refusals.append(f"{name}: {refusal}")
            if not made:
                break
    for server in early.values():
        server.stop()
    return made, refusals


class Job:
    """What is measured in turn: a pair with one configuration of Limbeck, beside some of Python's sides."""

    def __init__(self, pair, batch, config, others):
        self.pair, self.batch, self.config, self.others = pair, batch, config, others
        self.patience = 150 if "P2c" in others else 60  # seconds, where time is short: nobody shall use up all of it


def jobs(options):
    configs, others = options.config or DEFAULT_CONFIGS, options.other or DEFAULT_OTHERS
    if options.minutes is None:
        return [Job(pair, batch, config, others) for pair, batch in sizes(options) for config in configs]
    # All pairs get something before any gets everything; compiling takes longest.
    quick, slow = [name for name in others if name != "P2c"], [name for name in others if name == "P2c"]
    turns = [(config, some) for config in configs[:1] for some in (quick, slow)]
    turns += [(config, [name for name in quick if name != "P1"]) for config in configs[1:]]
    return [Job(pair, batch, config, some) for config, some in turns if some for pair, batch in sizes(options)]


def block(options, job, budget):
    """All rows of a job, and the sentences of what could not be measured."""
    pair, batch, config_name = job.pair, job.batch, job.config
    config = CONFIGS[config_name]
    folder = export(options, pair, batch)
    log_folder = os.path.join(options.work, "logs", f"{pair}-{batch}-{config_name.replace(' ', '-')}")
    os.makedirs(log_folder, exist_ok=True)
    augment = pair in CROPPED and not config["cached"]
    servers, refusals = start(options, job, folder, augment, log_folder)
    try:
        if len(servers) < 2:
            return [], refusals
        rounds, steps = measure(options, servers, budget)
        return [row_of(pair, batch, config_name, other, servers[0], rounds[other.name], steps)
                for other in servers[1:]], refusals
    except Refused as refusal:
        return [], [*refusals, str(refusal)]
    finally:
        for server in servers:
            server.stop()


def show(row):
    losses = row["losses"]
    print(f"{row['pair']:<18} {row['batch']:>5}  {row['limbeck']:<15} {row['other']:<4} {row['limbeck_ms']:>9.3f} "
          f"{row['other_ms']:>9.3f}  {row['ratio']:>6.2f}  {row['ratio_low']:>5.2f}–{row['ratio_high']:<5.2f} "
          f"{row['rounds']:>6}  {losses['largest']:.1e}{'' if losses['agree'] else '  LOSSES DIFFER'}", flush=True)


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")


def git(*words):
    try:
        done = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, check=False)
    except OSError:
        return ""  # carried to a machine without git
    return done.stdout.strip()


def driver():
    try:
        with open("/sys/module/nvidia/version", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return "unknown"


def machine(options):
    import torch  # pylint: disable=import-outside-toplevel  # takes seconds; not for --help

    about = {"cpu": cpu_model(), "cores": len(os.sched_getaffinity(0)), "load_before": os.getloadavg()[0],
             "instruction_set": torch.backends.cpu.get_cpu_capability(), "python": platform.python_version(),
             "torch": torch.__version__, "compile_mode": options.compile_mode,
             "python_waits": os.environ.get("OMP_WAIT_POLICY", "default"), "device": options.device,
             "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
             "commit": git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", "-uno") else "")}
    if options.device.startswith("cuda"):
        about["gpu"] = torch.cuda.get_device_name(options.device)
        about["cuda"], about["cudnn"] = torch.version.cuda, torch.backends.cudnn.version()
        about["driver"] = driver()
    return about


def write(options, about, rows, left_out):
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"machine": about, "rows": rows, "not_measured": left_out}, file, indent=1)
    if not options.markdown:
        return
    with open(options.markdown, "w", encoding="utf-8") as file:
        print(f"{about.get('gpu', about['cpu'])}, driver {about.get('driver', '–')}, torch {about['torch']}, CUDA "
              f"{about.get('cuda', '–')}, Python {about['python']}, {about['date']}, commit {about['commit'][:12] or '–'}, "
              f"graphs {options.graph}\n", file=file)
        print("| pair | batch | Limbeck as | beside | ms a step | its ms | ratio | quartiles | rounds | loss off |\n"
              "|---|---:|---|---|---:|---:|---:|---|---:|---|", file=file)
        for row in rows:
            differ = "" if row["losses"]["agree"] else ", losses differ"
            print(f"| {row['pair']} | {row['batch']} | {row['limbeck']} | {row['other']} | {row['limbeck_ms']:.3f} | "
                  f"{row['other_ms']:.3f} | {row['ratio']:.2f} | {row['ratio_low']:.2f}–{row['ratio_high']:.2f} | "
                  f"{row['rounds']} | {row['losses']['largest']:.1e}{differ} |", file=file)
        if left_out:
            print("\nNot measured:\n", file=file)
        for each in left_out:
            print(f"- {each['pair']}, {each['batch']}, {each['limbeck']}: {each['reason']}", file=file)


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    if options.wait_policy == "passive":
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    about = machine(options)
    print(f"{about['cpu']}, {about['cores']} cores, {about['instruction_set']}, torch {about['torch']}, "
          f"{about['device']}, {about['date']}, commit {about['commit'][:12]}, load {about['load_before']:.1f}, "
          f"Python's threads wait: {about['python_waits']}")
    if about["load_before"] > 0.5:
        print("Something else is running on this machine: figures will spread.", file=sys.stderr)
    for name, words in OTHERS.items():
        print(f"{name}: Python, {words}")
    print("ratio: seconds of Python / seconds of Limbeck, median and quartiles of neighbouring rounds; "
          "loss off: largest relative difference of the first steps\n")
    print(f"{'pair':<18} {'batch':>5}  {'Limbeck as':<15} {'vs':<4} {'ms/step':>9} {'its ms':>9}  {'ratio':>6}  "
          f"{'quartiles':<11} {'rounds':>6}  loss off")
    rows, left_out = [], []
    todo = jobs(options)
    for number, job in enumerate(todo):
        budget = options.budget
        if options.deadline is not None:
            budget = min(budget, (options.deadline - time.monotonic()) / (len(todo) - number) / 2)
        if options.deadline is not None and options.deadline - time.monotonic() < FEWEST_SECONDS:
            measured, refusals = [], [f"{', '.join(job.others)}: no time was left"]
        else:
            measured, refusals = block(options, job, budget)
        for row in measured:
            show(row)
        for refusal in refusals:
            print(f"{job.pair:<18} {job.batch:>5}  {job.config:<15} not measured: {refusal}", flush=True)
            left_out.append({"pair": job.pair, "batch": job.batch, "limbeck": job.config, "reason": refusal})
        rows += measured
        write(options, about, rows, left_out)  # each time: who is stopped half way keeps what there is
    differ = [row for row in rows if not row["losses"]["agree"]]
    if differ:
        print(f"{len(differ)} rows have losses that differ: their ratios compare different work", file=sys.stderr)
    sys.exit(1 if differ or not rows else 0)


if __name__ == "__main__":
    main()
