#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every objective beside the student alone: a table in Markdown, on the standard output.

bench/objectives-table.py FASHION_MNIST_FOLDER [--seeds 0 1 2] [--only ID…] [--work FOLDER] > docs/objectives-table.md

Each objective is run with its usual weights and options on a subset of the data; nothing is tuned. A finished run is
kept in the work folder and not trained again, so that a run of this script that broke off can be started once more.
"""
import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CLI = os.environ.get("LIMBECK_CLI", os.path.join(ROOT, "build/release/bin/limbeck-cli"))
TRAIN, TEST = 3000, 2000
TEACHER = "lenet"
STUDENT = "stack:conv3-16,bn,relu,pool2,conv3-32,bn,relu,gap,fc"
SETTINGS = {
    "training.epochs": 8,
    "training.batch_size": 32,
    "training.learning_rate": 0.05,
    "teacher.training.epochs": 8,
    "teacher.training.learning_rate": 0.05,
}
# The published stages are parts of 240 epochs; here they are the same parts of eight, at least one.
INITIAL_EPOCHS, WARMUP_EPOCHS = 1, 1


def cli(*words):
    done = subprocess.run([CLI, *words], capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr.strip() or done.stdout.strip()
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")], ""


def settings_of(entry):
    """The settings of a run with this objective at its usual weights."""
    options = {option["name"]: option["default"] for option in entry["options"]}
    shorter = {}
    if options.get("initial_epochs"):
        shorter["initial_epochs"] = INITIAL_EPOCHS
    if options.get("warmup_epochs"):
        shorter["warmup_epochs"] = WARMUP_EPOCHS
    text = ",".join(f"{key}={value}" for key, value in shorter.items())
    if entry["group"] == "answers":
        settings = {
            "distillation.objective": entry["id"],
            "distillation.temperature": options.get("temperature", 4),
            "distillation.t_squared": str(options.get("t_squared", True)).lower(),
            "distillation.hard_weight": entry["hard_weight"],
            "distillation.soft_weight": entry["weight"],
        }
        if text:
            settings["distillation.options"] = text
        return settings
    term = f"{entry['id']}:weight={entry['weight']}" + ("," + text if text else "")
    return {
        "distillation.hard_weight": entry["hard_weight"],
        "distillation.soft_weight": 0,
        "distillation.terms": term,
    }


def run(project, name, settings):
    """Test accuracy and agreement of student, baseline and teacher in percent, or the reason why not."""
    kept = os.path.join(project, f"table-{name}.json")
    if os.path.exists(kept):
        return json.load(open(kept)), ""
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    objects, reason = cli("run", project, "--json", *words)
    if objects is None:
        try:
            reason = json.loads(reason.splitlines()[-1])["message"]
        except (ValueError, KeyError, IndexError):
            pass
        return None, reason
    result = next(item for item in objects if item["event"] == "result")
    json.dump(result["results"], open(kept, "w"))
    return result["results"], ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--work")
    arguments = parser.parse_args()
    work = arguments.work or tempfile.mkdtemp(prefix="limbeck-table-")
    data = os.path.join(work, "fashion")
    subprocess.run(
        [sys.executable, os.path.join(ROOT, "bench/subset_idx.py"), arguments.folder, data, str(TRAIN), str(TEST)],
        check=True,
    )
    entries = [item for item in cli("objectives", "--json")[0] if item["event"] == "objective"]
    if arguments.only:
        entries = [entry for entry in entries if entry["id"] in arguments.only]
    alone, teacher, rows = {}, {}, []
    for seed in arguments.seeds:
        project = os.path.join(work, f"seed-{seed}")
        if not os.path.exists(os.path.join(project, "project.limbeck")):
            words = [word for key, value in SETTINGS.items() for word in ("--set", f"{key}={value}")]
            made, reason = cli("new", project, "--dataset", f"idx:{data}", "--teacher", TEACHER, "--student", STUDENT,
                               "--set", f"training.seed={seed}", "--json", *words)
            if made is None:
                sys.exit(reason)
    for entry in entries:
        accuracies, agreements, margins, refusal = [], [], [], ""
        for seed in arguments.seeds:
            results, reason = run(os.path.join(work, f"seed-{seed}"), entry["id"], settings_of(entry))
            if results is None:
                refusal = reason
                break
            of = {item["who"]: item for item in results}
            alone[seed] = 100 * of["student alone"]["test_accuracy"]
            teacher[seed] = 100 * of["teacher"]["test_accuracy"]
            accuracies.append(100 * of["student with teacher"]["test_accuracy"])
            agreements.append(100 * of["student with teacher"]["test_agreement"])
            margins.append(accuracies[-1] - alone[seed])
            print(f"{entry['id']} seed {seed}: {accuracies[-1]:.1f} ({margins[-1]:+.1f})", file=sys.stderr)
        rows.append((entry, accuracies, agreements, margins, refusal))
    report(arguments, alone, teacher, rows)


def spread(values):
    return f"{statistics.mean(values):.1f} ± {statistics.stdev(values) if len(values) > 1 else 0:.1f}"


def signed(values):
    return f"{statistics.mean(values):+.1f} ± {statistics.stdev(values) if len(values) > 1 else 0:.1f}"


def report(arguments, alone, teacher, rows):
    print("# Every objective on Fashion-MNIST\n")
    print("Printed by `bench/objectives-table.py FOLDER > docs/objectives-table.md`, where FOLDER holds Fashion-MNIST;")
    print(f"{datetime.date.today().isoformat()}, {os.cpu_count()} cores, {platform.machine()}.\n")
    print(f"The first {TRAIN} training pictures (a tenth of them for validation) and the first {TEST} test pictures;")
    print(f"teacher `{TEACHER}`, student `{STUDENT}`, {SETTINGS['training.epochs']} epochs each; every objective at its")
    print(f"usual weights and options, initial stages and warm-ups shortened to {INITIAL_EPOCHS} epoch. Nothing is tuned:")
    print("weights that were published for long trainings of large networks need not suit a short one of small ones, and")
    print("a loss here says nothing about the objective at its best. Mean and standard deviation over the seeds")
    print(f"{', '.join(map(str, arguments.seeds))}; accuracy and agreement on the test part in percent, margin in points over the")
    print("student alone with the same seed.\n")
    if alone:
        print(f"Teacher {spread(list(teacher.values()))}, student alone {spread(list(alone.values()))}.\n")
    print("| objective | accuracy | margin | agreement | |\n|---|---:|---:|---:|---|")
    for entry, accuracies, agreements, margins, refusal in rows:
        if refusal:
            print(f"| `{entry['id']}` | – | – | – | refused: {refusal} |")
            continue
        clear = abs(statistics.mean(margins)) > (statistics.stdev(margins) if len(margins) > 1 else 0)
        verdict = ("gain" if statistics.mean(margins) > 0 else "loss") if clear else "within the spread"
        print(f"| `{entry['id']}` | {spread(accuracies)} | {signed(margins)} | {spread(agreements)} | {verdict} |")


if __name__ == "__main__":
    main()
