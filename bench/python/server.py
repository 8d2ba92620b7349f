# SPDX-License-Identifier: GPL-3.0-or-later
"""One side of a comparison: a program that trains steps when it is asked to and sleeps in between."""
import json
import select
import subprocess
import time


class Refused(Exception):
    """The program ended instead of answering; its last words are the message."""


class Server:
    def __init__(self, name, command, log_path):
        self.name, self.losses, self.log_path = name, [], log_path
        with open(log_path, "w", encoding="utf-8") as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        self.about = None
        self.deadline = None  # of time.monotonic(); None: waits as long as it takes

    def answer(self):
        if self.deadline is not None:
            left = max(0, self.deadline - time.monotonic())
            if not select.select([self.process.stdout], [], [], left)[0]:  # a line comes whole: nothing is half read
                self.process.kill()
                raise Refused(f"{self.name} took longer than the time that was left")
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        self.process.wait()
        with open(self.log_path, encoding="utf-8") as log:
            words = log.read().strip().splitlines()
        raise Refused(words[-1] if words else f"{self.name} ended with {self.process.returncode} and no word")

    def wait_until_ready(self):
        if self.about is None:
            self.about = self.answer()

    def go(self, steps):
        """Seconds per step of so many steps."""
        self.wait_until_ready()
        self.process.stdin.write(f"go {steps}\n")
        self.process.stdin.flush()
        answer = self.answer()
        self.losses += answer["losses"]
        self.about.setdefault("notes", []).extend(answer.get("notes", []))
        return answer["total"] / steps

    def stop(self):
        if self.process.poll() is None:
            try:
                self.process.stdin.write("quit\n")
                self.process.stdin.close()
                self.process.wait(20)
            except (OSError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()
