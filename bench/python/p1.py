#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distillation as most people write it: a DataLoader with transforms of each sample, the teacher asked in every step,
loss and accuracy read in every step, PyTorch's defaults for all else. Serves steps (see serve.py)."""
import itertools
import time

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

import serve
from work import Work


class Samples(Dataset):
    """One sample at a time: crop, flip, to float, normalise."""

    def __init__(self, work):
        self.samples, self.labels = work.samples, work.labels
        self.padding, self.has_views, self.is_image = work.padding, work.views is not None, work.is_image
        shape = (-1, 1, 1) if work.is_image else (-1,)
        self.mean, self.stddev = work.mean.view(shape), work.stddev.view(shape)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, place):
        sample_id, view = place
        x = self.samples[sample_id]
        if self.has_views:
            x = self.crop_and_flip(x, view)
        if self.is_image:
            x = x.float().div(255)
        return (x - self.mean) / self.stddev, self.labels[sample_id]

    def crop_and_flip(self, x, view):
        side = 2 * self.padding + 1
        top, left = view // 2 // side, view // 2 % side
        height, width = x.shape[1:]
        x = F.pad(x, [self.padding] * 4)[:, top : top + height, left : left + width]
        return x.flip(2) if view % 2 else x


class Places:
    """Samples and views of every step, again and again."""

    def __init__(self, work):
        self.order = work.order.tolist()
        self.views = work.views.tolist() if work.views is not None else [[0] * len(row) for row in self.order]

    def __iter__(self):
        for ids, views in itertools.cycle(zip(self.order, self.views)):
            yield list(zip(ids, views))


def prepare(options):
    work = Work(options.work, options.augment)
    settings, device = work.settings, torch.device(options.device)
    student, teacher = work.network("student").to(device), work.network("teacher").to(device)
    student.train()
    teacher.eval()
    optimizer = work.sgd(student.parameters())
    hard_weight, soft_weight, t = settings["hard_weight"], settings["soft_weight"], settings["temperature"]
    loader = DataLoader(Samples(work), batch_sampler=Places(work), num_workers=2, pin_memory=device.type == "cuda")
    batches = iter(loader)

    def step():
        x, y = next(batches)
        x, y = x.to(device), y.to(device)
        with torch.no_grad():
            answers = teacher(x)
        logits = student(x)
        hard = F.cross_entropy(logits, y)
        soft = F.kl_div(F.log_softmax(logits / t, 1), F.softmax(answers / t, 1), reduction="batchmean") * t * t
        loss = hard_weight * hard + soft_weight * soft
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        accuracy = (logits.argmax(1) == y).float().mean().item()
        return loss.item(), accuracy

    def train(steps):
        seconds, losses = [], []
        last = time.perf_counter()
        for _ in range(steps):
            loss, _accuracy = step()
            losses.append(loss)
            now = time.perf_counter()
            seconds.append(now - last)
            last = now
        return seconds, losses

    return train


if __name__ == "__main__":
    given = serve.arguments(__doc__).parse_args()
    serve.serve(given.device, lambda: prepare(given))
