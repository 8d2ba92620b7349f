#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limbeck-cli on a disk of 2 MB that becomes full, and under a limit on the size of files: it says so and waits, goes
# on when there is room, and ends on Ctrl-C saying what is lost.
#   small_disk.sh LIMBECK-CLI
set -euo pipefail

cli=$(realpath "$1")
if [[ ${2:-} != inside ]]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    if unshare -m mount -t tmpfs -o size=2m tmpfs "$folder" 2> /dev/null; then
        exec unshare -m "$0" "$cli" inside "$folder"
    elif unshare -rm mount -t tmpfs -o size=2m tmpfs "$folder" 2> /dev/null; then
        exec unshare -rm "$0" "$cli" inside "$folder"
    fi
    echo "small disk: skipped, no disk can be mounted here"
    exit 77
fi
disk=$3
logs=$(mktemp -d)
mount -t tmpfs -o size=2m tmpfs "$disk"
trap 'umount "$disk"; rm -rf "$disk" "$logs"' EXIT

fail() {
    echo "small disk: $1" >&2
    cat "$logs"/{out,err,show,check} >&2 2> /dev/null
    exit 1
}

make_project() {
    "$cli" new "$1" --dataset moons --teacher mlp:hidden=32x32 --student mlp:hidden=8 --set data.samples=600 \
        --set student.alone=no --set training.epochs=120 --set teacher.training.epochs=5 --set training.batch_size=16 \
        --set training.threads=1 --set training.device=cpu > "$logs/new"
}

begin() { # what the last process said is no word of this one
    : > "$logs/err"
}

wait_for() { # TEXT FILE: for at most a minute
    for ((i = 0; i < 600; i++)); do
        grep -q "$1" "$2" && return
        sleep 0.1
    done
    fail "waited in vain for \"$1\""
}

wait_stopped() { # an attempt between may have found room: the last word counts
    for ((i = 0; i < 600; i++)); do
        tail -n 1 "$logs/err" | grep -q "Saving has stopped" && return
        sleep 0.1
    done
    fail "saving works on a full disk"
}

ended() { # what the process says, within a minute
    for ((i = 0; i < 600; i++)); do
        kill -0 $process 2> /dev/null || { wait $process; return; }
        sleep 0.1
    done
    kill -9 $process
    fail "it is still waiting"
}

curve() { "$cli" export "$1" --run 2 --format csv -o -; }

make_project "$logs/whole"
"$cli" run "$logs/whole" > "$logs/out" 2>&1

make_project "$disk/project"
head -c 4M /dev/zero > "$disk/ballast" 2> /dev/null || true
truncate -s -100K "$disk/ballast" # what is left fills up while the run is on
begin
"$cli" run "$disk/project" > "$logs/out" 2> "$logs/err" &
process=$!
wait_for "Saving has stopped" "$logs/err"
kill -0 $process || fail "it ended instead of waiting"
"$cli" show "$disk/project" > "$logs/show" 2>&1 || fail "the project cannot be looked at while the disk is full"
rm "$disk/ballast"
ended || fail "it did not go on"
grep -q "Saving works again" "$logs/err" || fail "it did not say that it went on"
"$cli" check "$disk/project" > "$logs/check" 2>&1 || fail "the project is damaged"
cmp <(curve "$disk/project") <(curve "$logs/whole") || fail "other numbers than without the fault"
echo "full disk of 2 MB: told, waited, went on to the same numbers"

rm -r "$disk/project"
make_project "$disk/project"
head -c 4M /dev/zero > "$disk/ballast" 2> /dev/null || true
truncate -s -100K "$disk/ballast"
begin
"$cli" run "$disk/project" > "$logs/out" 2> "$logs/err" &
process=$!
wait_for "Saving has stopped" "$logs/err"
head -c 4M /dev/zero >> "$disk/ballast" 2> /dev/null || true # not even one more attempt finds room
wait_stopped
kill -INT $process
ended && fail "it ended as if nothing were lost"
grep -q "What was not saved is lost" "$logs/err" || fail "it did not say what is lost"
rm "$disk/ballast"
"$cli" check "$disk/project" > "$logs/check" 2>&1 || fail "the project is damaged"
"$cli" resume "$disk/project" > "$logs/out" 2> "$logs/err" || fail "it cannot be resumed"
cmp <(curve "$disk/project") <(curve "$logs/whole") || fail "other numbers when resumed"
echo "full disk of 2 MB, then Ctrl-C: what is lost was told, resumed to the same numbers"

make_project "$logs/limited"
begin
(ulimit -S -f 100 && exec "$cli" run "$logs/limited" > "$logs/out" 2> "$logs/err") &
process=$!
wait_for "Saving has stopped" "$logs/err"
kill -0 $process || fail "it was killed by the limit"
prlimit --pid $process --fsize=unlimited
ended || fail "it did not go on under a higher limit"
"$cli" check "$logs/limited" > "$logs/check" 2>&1 || fail "the project is damaged"
cmp <(curve "$logs/limited") <(curve "$logs/whole") || fail "other numbers under a limit"
echo "limit of 100 KB on files: told, waited, went on to the same numbers"
