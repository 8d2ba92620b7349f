#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Kills a training again and again, resumes it each time, and holds its numbers against those of a training that
# nobody disturbed: equal to the bit.
#   kill_and_resume.sh LIMBECK-CLI KILLS [EPOCHS]
set -euo pipefail

cli=$1 kills=$2 epochs=${3:-$((150 + 25 * $2))}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
RANDOM=11 # the same moments each time, as far as the machine lets them be

settings=(--set data.samples=3000 --set student.alone=no --set "training.epochs=$epochs" --set "teacher.training.epochs=$epochs"
          --set training.batch_size=32 --set teacher.training.batch_size=32 --set training.keep_every=10
          --set training.threads=1 --set training.device=cpu --set training.optimizer=adamw --set training.learning_rate=0.002)
"$cli" new "$folder/whole" --dataset moons --teacher mlp:hidden=64x64 --student mlp:hidden=16 "${settings[@]}" > "$folder/log"
cp -r "$folder/whole" "$folder/killed"
"$cli" run "$folder/whole" >> "$folder/log" 2>&1

killed=0 ended=''
while ((killed < kills)); do
    # Before the run is in the project there is nothing to resume.
    word=resume
    grep -q '"event":"run"' <<< "$("$cli" show "$folder/killed" --json)" || word=run
    "$cli" "$word" "$folder/killed" > "$folder/log" 2>&1 &
    process=$!
    sleep "$((RANDOM % 10 / 8)).$((RANDOM % 10))$((RANDOM % 10))"
    kill -9 "$process" 2> /dev/null || true
    if wait "$process" 2> /dev/null; then
        echo "The training came to its end before kill $((killed + 1)); more epochs than $epochs make room for more." >&2
        ((killed > 0)) || exit 1 # nothing was tried
        ended=yes
        break
    else
        status=$?
    fi
    if ((status != 137)); then
        echo "The training failed by itself (exit $status):" >&2
        cat "$folder/log" >&2
        exit 1
    fi
    killed=$((killed + 1))
    "$cli" check "$folder/killed" > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
done
[[ $ended ]] || "$cli" resume "$folder/killed" > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }

for run in 1 2; do
    for what in last best; do
        for which in whole killed; do
            "$cli" export "$folder/$which" --run $run --format safetensors --weights $what \
                -o "$folder/$which.safetensors" > "$folder/log"
        done
        cmp "$folder/whole.safetensors" "$folder/killed.safetensors"
    done
    for which in whole killed; do
        "$cli" export "$folder/$which" --run $run --format csv -o "$folder/$which.csv" > "$folder/log"
    done
    cmp "$folder/whole.csv" "$folder/killed.csv"
done
echo "kill and resume: $killed kills of limbeck-cli, weights and curves of teacher and student equal to the bit"
