# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks of the measured pairs in Python, with the names of Limbeck's state dicts."""
from torch import nn


def conv(inputs, outputs, side=3, stride=1):
    return nn.Conv2d(inputs, outputs, side, stride, side // 2, bias=False)


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = conv(outputs, outputs), nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class CifarResNet(nn.Module):
    def __init__(self, depth, channels, classes):
        super().__init__()
        blocks = (depth - 2) // 6
        self.conv1, self.bn1, self.relu = conv(channels, 16), nn.BatchNorm2d(16), nn.ReLU(inplace=True)
        self.layer1 = self.stage(16, 16, blocks, 1)
        self.layer2 = self.stage(16, 32, blocks, 2)
        self.layer3 = self.stage(32, 64, blocks, 2)
        self.fc = nn.Linear(64, classes)

    @staticmethod
    def stage(inputs, outputs, blocks, stride):
        first = BasicBlock(inputs, outputs, stride)
        return nn.Sequential(first, *(BasicBlock(outputs, outputs, 1) for _ in range(blocks - 1)))

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)))


class WideBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), conv(inputs, outputs, 3, stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(outputs), conv(outputs, outputs)
        self.relu1, self.relu2 = nn.ReLU(inplace=True), nn.ReLU(inplace=True)
        self.convShortcut = conv(inputs, outputs, 1, stride) if inputs != outputs else None

    def forward(self, x):
        active = self.relu1(self.bn1(x))
        y = self.conv2(self.relu2(self.bn2(self.conv1(active))))
        return y + (x if self.convShortcut is None else self.convShortcut(active))


class WideStage(nn.Module):
    def __init__(self, inputs, outputs, blocks, stride):
        super().__init__()
        first = WideBlock(inputs, outputs, stride)
        self.layer = nn.Sequential(first, *(WideBlock(outputs, outputs, 1) for _ in range(blocks - 1)))

    def forward(self, x):
        return self.layer(x)


class WideResNet(nn.Module):
    def __init__(self, depth, widening, channels, classes):
        super().__init__()
        blocks = (depth - 4) // 6
        widths = [16 * widening, 32 * widening, 64 * widening]
        self.conv1 = conv(channels, 16)
        self.block1 = WideStage(16, widths[0], blocks, 1)
        self.block2 = WideStage(widths[0], widths[1], blocks, 2)
        self.block3 = WideStage(widths[1], widths[2], blocks, 2)
        self.bn1, self.relu = nn.BatchNorm2d(widths[2]), nn.ReLU(inplace=True)
        self.fc = nn.Linear(widths[2], classes)

    def forward(self, x):
        x = self.block3(self.block2(self.block1(self.conv1(x))))
        return self.fc(self.relu(self.bn1(x)).mean((2, 3)))


class LeNet(nn.Module):
    def __init__(self, shape, classes):
        super().__init__()
        channels, height, width = shape
        self.conv1 = nn.Conv2d(channels, 16, 5, padding=2)
        self.conv2 = nn.Conv2d(16, 32, 5, padding=2)
        self.relu, self.pool = nn.ReLU(inplace=True), nn.MaxPool2d(2)
        self.fc1 = nn.Linear(32 * (height // 4) * (width // 4), 128)
        self.fc = nn.Linear(128, classes)

    def forward(self, x):
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x)))
        return self.fc(self.relu(self.fc1(x.flatten(1))))


class Mlp(nn.Module):
    def __init__(self, values, widths, classes):
        super().__init__()
        inputs = [values, *widths]
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in zip(inputs, widths))
        self.relu = nn.ReLU(inplace=True)
        self.fc = nn.Linear(inputs[-1], classes)

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.hidden:
            x = self.relu(layer(x))
        return self.fc(x)


def make(network, shape, classes):
    """A network as work.json names it, in training mode."""
    name, options = network["model"], network["options"]
    if name == "mlp":
        values = 1
        for extent in shape:
            values *= extent
        return Mlp(values, [int(width) for width in options.get("hidden", "64x64").split("x")], classes)
    if name == "lenet":
        return LeNet(shape, classes)
    if name.startswith("wrn_"):
        depth, widening = (int(number) for number in name.split("_")[1:])
        return WideResNet(depth, widening, shape[0], classes)
    if name.startswith("resnet"):
        return CifarResNet(int(name.removeprefix("resnet")), shape[0], classes)
    raise SystemExit(f"bench/python/models.py has no network {name}; it has resnetN, wrn_N_K, lenet and mlp")
