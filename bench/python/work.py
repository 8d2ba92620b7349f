# SPDX-License-Identifier: GPL-3.0-or-later
"""What `bench_steps export` wrote: the settings, data and first weights that both sides of a comparison share."""
import json
import os

import numpy
import torch

import models

DTYPES = {"F32": numpy.float32, "F64": numpy.float64, "I64": numpy.int64, "U8": numpy.uint8}


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(bytearray(data[begin:end]), DTYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values)
    return tensors


class Work:
    def __init__(self, folder, augment):
        with open(os.path.join(folder, "work.json"), encoding="utf-8") as file:
            self.settings = json.load(file)
        data = read_safetensors(os.path.join(folder, "data.safetensors"))
        self.samples, self.labels = data["samples"], data["labels"]
        self.mean, self.stddev = data["mean"], data["stddev"]
        self.order, self.views = data["order"], data["views"] if augment else None
        self.padding = self.settings["crop_padding"]
        self.is_image = self.samples.dim() == 4
        self.folder = folder

    def network(self, role):
        """The teacher or the student with its first weights, in training mode."""
        network = models.make(self.settings[role], self.settings["input"], self.settings["classes"])
        network.load_state_dict(read_safetensors(os.path.join(self.folder, role + ".safetensors")))
        return network

    def sgd(self, parameters, **more):
        names = ("momentum", "nesterov", "weight_decay")
        return torch.optim.SGD(parameters, lr=self.settings["learning_rate"],
                               **{name: self.settings[name] for name in names}, **more)
