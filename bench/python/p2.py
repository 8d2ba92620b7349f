#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distillation in Python as fast as it gets: data on the device, batches augmented at once, channels last, a fused
optimiser, denormals flushed, a teacher with its batch norms folded in, metrics read every 16 steps; with --precision
bfloat16 autocast, with --cache a table of the teacher's answers, with --compile torch.compile. Serves steps (see
serve.py)."""
import time

import torch
import torch.nn.functional as F
from torch.fx.experimental.optimization import fuse

import serve
from work import Work

READ_EVERY = 16


def channels_last(module):
    return module.to(memory_format=torch.channels_last)


class Batches:
    """All samples on the device; gather() gives a normalised batch."""

    def __init__(self, work, device):
        self.samples, self.labels = work.samples.to(device), work.labels.to(device)
        self.padding, self.is_image = work.padding, work.is_image
        divisor = 255 if work.is_image else 1
        shape = (-1, 1, 1) if work.is_image else (-1,)
        self.scale = (1 / (divisor * work.stddev)).view(shape).to(device)
        self.shift = (-work.mean / work.stddev).view(shape).to(device)
        self.order = work.order.to(device)
        self.views = None if work.views is None else work.views.to(device)
        if work.is_image:
            height, width = work.samples.shape[2:]
            self.rows = torch.arange(height, device=device)
            self.columns = torch.arange(width, device=device)

    def at(self, step):
        row = step % len(self.order)
        return self.order[row], None if self.views is None else self.views[row]

    def gather(self, ids, views):
        x = self.samples[ids]
        if views is not None:
            x = self.crop_and_flip(x, views)
        if self.is_image:
            x = x.to(torch.float32, memory_format=torch.channels_last)
        return torch.addcmul(self.shift, x, self.scale), self.labels[ids]

    def crop_and_flip(self, x, views):
        batch, channels, height, width = x.shape
        side = 2 * self.padding + 1
        flip, shift = views & 1, views >> 1
        top, left = shift // side, shift % side
        across = torch.where(flip[:, None] == 1, width - 1 - self.columns, self.columns) + left[:, None]
        down = self.rows + top[:, None]
        pixel = down[:, :, None] * (width + 2 * self.padding) + across[:, None, :]
        padded = F.pad(x, [self.padding] * 4).flatten(2)
        places = pixel.view(batch, 1, -1).expand(batch, channels, height * width)
        return padded.gather(2, places).view(x.shape)


class Trainer:
    def __init__(self, options):
        self.work = work = Work(options.work, options.augment)
        self.device = torch.device(options.device)
        self.bfloat16 = options.precision == "bfloat16"
        self.batches = Batches(work, self.device)
        self.student = channels_last(work.network("student").to(self.device)).train()
        teacher = work.network("teacher").to(self.device).eval().requires_grad_(False)
        folds = work.is_image and not options.unfolded
        self.teacher = channels_last(fuse(teacher) if folds else teacher) if work.is_image else teacher
        self.optimizer = work.sgd(self.student.parameters(), fused=True)
        self.answers = self.all_answers() if options.cache else None
        self.replays = options.compile and self.device.type == "cuda"
        self.loss = torch.compile(self.loss, mode=options.mode) if options.compile else self.loss
        self.steps = 0

    @torch.no_grad()
    def all_answers(self):
        """A table with the teacher's answer for every sample; samples must be the same in every epoch."""
        if self.batches.views is not None:
            raise SystemExit("--cache needs samples that stay as they are: no --augment")
        ids = torch.arange(len(self.batches.labels), device=self.device)
        return torch.cat([self.ask(self.batches.gather(some, None)[0]) for some in ids.split(256)])

    def ask(self, x):
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16, cache_enabled=False):
            return self.teacher(x).float()

    def loss(self, ids, views):
        """Loss and accuracy of a batch."""
        settings = self.work.settings
        t = settings["temperature"]
        x, y = self.batches.gather(ids, views)
        if self.answers is None:
            with torch.no_grad():
                answers = self.ask(x)
        else:
            answers = self.answers[ids]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            logits = self.student(x)
        logits = logits.float()
        hard = F.cross_entropy(logits, y)
        soft = F.kl_div(F.log_softmax(logits / t, 1), F.log_softmax(answers / t, 1), reduction="batchmean",
                        log_target=True) * (t * t)
        accuracy = (logits.detach().argmax(1) == y).float().mean()
        return settings["hard_weight"] * hard + settings["soft_weight"] * soft, accuracy

    def step(self):
        if self.replays:
            torch.compiler.cudagraph_mark_step_begin()
        loss, accuracy = self.loss(*self.batches.at(self.steps))
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.steps += 1
        return torch.stack([loss.detach(), accuracy])

    def train(self, steps):
        seconds, losses, unread = [], [], []

        def read():
            if unread:
                losses.extend(row[0] for row in torch.stack(unread).tolist())
                unread.clear()

        last = time.perf_counter()
        for _ in range(steps):
            unread.append(self.step())
            if len(unread) == READ_EVERY:
                read()
            now = time.perf_counter()
            seconds.append(now - last)
            last = now
        read()
        return seconds, losses


def main():
    parser = serve.arguments(__doc__)
    parser.add_argument("--precision", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--cache", action="store_true", help="ask the teacher once for every sample")
    parser.add_argument("--unfolded", action="store_true", help="leave the teacher's batch norms as they are")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--mode", default="default", help="of torch.compile")
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's default")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    serve.serve(options.device, lambda: Trainer(options).train)


if __name__ == "__main__":
    main()
