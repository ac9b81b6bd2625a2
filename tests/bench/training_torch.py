#!/usr/bin/python3
"""Times a training step of libtorch, for training.py.

    training_torch.py NETWORK WEIGHTS IMAGES LABELS RATE MOMENTUM THREADS WARMUP SECONDS

The networks are those of Kiln, their weights Kiln's, the batch too. Prints the costs of the first WARMUP steps, the
fastest and the median step in milliseconds, the largest resident set in bytes and that of torch alone before there was
a network. Times both orders of axes that libtorch offers, channels first and last, and gives the faster one's.
"""
import resource, sys, time

import numpy as np
import torch
from torch import nn
from torch.nn import functional


def conv(*sizes, **options):
    return nn.Conv2d(*sizes, **options)


class lenet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleDict({"conv1": conv(1, 6, 5, padding=2), "conv2": conv(6, 16, 5),
                                     "dense1": nn.Linear(400, 120), "dense2": nn.Linear(120, 84),
                                     "dense3": nn.Linear(84, 10)})

    def forward(self, x):
        for name, layer in self.layers.items():
            if name == "dense1":
                x = torch.flatten(x, 1)
            x = layer(x)
            if name != "dense3":
                x = functional.relu(x)
            if isinstance(layer, nn.Conv2d):
                x = functional.max_pool2d(x, 2)
        return x


class resnet18(nn.Module):
    """Layers in the order of Kiln's numbers: of a block that changes sizes, the shortcut comes after the two others."""

    def __init__(self):
        super().__init__()
        self.layers, self.blocks, before = nn.ModuleDict(), [], 64
        self.stem = self.conv_bn("stem", 1, 3, 64, 7, 2)
        for stage, width in enumerate((64, 128, 256, 512), 1):
            scope, number = f"stage{stage}", 1
            for block in range(2):
                stride = 2 if stage > 1 and block == 0 else 1
                body = [self.conv_bn(scope, number, before, width, 3, stride),
                        self.conv_bn(scope, number + 1, width, width, 3, 1)]
                number += 2
                shortcut = None
                if stride != 1:
                    shortcut = self.conv_bn(scope, number, before, width, 1, stride)
                    number += 1
                self.blocks.append((body, shortcut))
                before = width
        self.layers["classes"] = nn.Linear(512, 1000)

    def conv_bn(self, scope, number, channels, filters, window, stride):
        names = [f"{scope}/{kind}{number}" for kind in ("conv", "batch_norm")]
        self.layers[names[0]] = conv(channels, filters, window, stride=stride, padding=window // 2, bias=False)
        self.layers[names[1]] = nn.BatchNorm2d(filters, eps=1e-5, momentum=0.1)
        return names

    def apply_to(self, x, names):
        for name in names:
            x = self.layers[name](x)
        return x

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.apply_to(x, self.stem)), 3, 2, 1)
        for (first, second), shortcut in self.blocks:
            y = self.apply_to(functional.relu(self.apply_to(x, first)), second)
            x = functional.relu(y + (x if shortcut is None else self.apply_to(x, shortcut)))
        return self.layers["classes"](torch.flatten(functional.adaptive_avg_pool2d(x, 1), 1))


NETWORKS = {"lenet5": lenet5, "resnet18": resnet18}


def as_torch_has_it(layer, values, spatial):
    """Kiln's filters are {window..., channels, filters}, its flat rows have channels last."""
    if values.ndim == 4:
        return values.transpose(3, 2, 0, 1)
    if values.ndim == 2 and spatial is not None:
        values = values.reshape(*spatial, -1, values.shape[1]).transpose(2, 0, 1, 3).reshape(values.shape)
    return values.T if values.ndim == 2 else values


def load(network, weights):
    roles = {nn.BatchNorm2d: {"weight": "scale", "bias": "shift", "running_mean": "mean", "running_var": "variance"}}
    unused = set(weights)
    with torch.no_grad():
        for name, layer in network.layers.items():
            for role, tensor in [*layer.named_parameters(), *layer.named_buffers()]:
                if role == "num_batches_tracked":
                    continue
                full = f"{name.replace('/', '.')}.{roles.get(type(layer), {}).get(role, role)}"
                values = as_torch_has_it(layer, weights[full], (5, 5) if name == "dense1" else None)
                tensor.copy_(torch.from_numpy(np.ascontiguousarray(values)).reshape(tensor.shape))
                unused.remove(full)
    if unused:
        sys.exit(f"the network here lacks {sorted(unused)}")


def measure(name, weights, images, labels, rate, momentum, warmup, seconds, order):
    network = NETWORKS[name]()
    load(network, weights)
    network = network.to(memory_format=order).train()
    images = images.contiguous(memory_format=order)
    optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=momentum)

    def step():
        optimizer.zero_grad(set_to_none=True)
        cost = functional.cross_entropy(network(images), labels)
        cost.backward()
        optimizer.step()
        return cost

    costs = [float(step()) for _ in range(warmup)]
    times, end = [], time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(1e3 * (time.perf_counter() - start))
    return costs, min(times), float(np.median(times))


def resident():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main():
    name, weights, images, labels = sys.argv[1:5]
    rate, momentum, threads, warmup, seconds = (float(a) for a in sys.argv[5:])
    torch.set_num_threads(int(threads))
    weights = dict(np.load(weights))
    images = torch.from_numpy(np.load(images).transpose(0, 3, 1, 2).copy())
    labels = torch.from_numpy(np.load(labels).astype(np.int64).ravel())
    alone, found = resident(), []
    for order in (torch.contiguous_format, torch.channels_last):
        found.append(measure(name, weights, images, labels, rate, momentum, int(warmup), seconds / 2, order))
    costs, best, median = min(found, key=lambda m: m[2])
    print(*(f"{c:.9g}" for c in costs))
    print(f"{best:.6g} {median:.6g} {resident()} {alone} {torch.__version__}")


if __name__ == "__main__":
    main()
