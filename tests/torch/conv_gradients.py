#!/usr/bin/python3
"""Compares the gradients of random convolutions with libtorch's, computed in float64.

    conv_gradients.py KILN_CONV_GRADIENTS COUNT

Kiln's axes are {batch, spatial..., channels} and {window..., channels / groups, filters}; torch has channels second and
filters {filters, channels / groups, window...}.
"""
import subprocess
import sys
import tempfile

import numpy
import torch


def channels_second(a):
    return torch.from_numpy(numpy.moveaxis(a, -1, 1).astype(numpy.float64).copy())


def case(archive, numbers):
    groups, flip, *axes = numbers
    stride, dilation, before, after = axes[0::4], axes[1::4], axes[2::4], axes[3::4]
    rank = len(stride)
    x = channels_second(archive["x"]).requires_grad_()
    w = torch.from_numpy(numpy.moveaxis(archive["w"], [-1, -2], [0, 1]).astype(numpy.float64).copy()).requires_grad_()
    b = torch.from_numpy(archive["b"].astype(numpy.float64)).requires_grad_()
    pads = [side for i in reversed(range(rank)) for side in (before[i], after[i])]  # the last axis first
    turned = torch.flip(w, list(range(2, 2 + rank))) if flip else w
    convolve = [torch.nn.functional.conv1d, torch.nn.functional.conv2d, torch.nn.functional.conv3d][rank - 1]
    y = convolve(torch.nn.functional.pad(x, pads), turned, b, stride=stride, dilation=dilation, groups=groups)
    (y * channels_second(archive["r"])).sum().div(x.shape[0]).backward()
    return {
        "dx": numpy.moveaxis(x.grad.numpy(), 1, -1),
        "dw": numpy.moveaxis(w.grad.numpy(), [0, 1], [-1, -2]),
        "db": b.grad.numpy(),
    }


def main(program, count):
    worst = {"dx": 0.0, "dw": 0.0, "db": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        lines = subprocess.run([program, folder, count], check=True, stdout=subprocess.PIPE, text=True).stdout
        numbers = [[int(n) for n in line.split()] for line in lines.splitlines()]
        assert len(numbers) == int(count)
        for i, line in enumerate(numbers):
            archive = numpy.load(f"{folder}/case{i}.npz")
            for name, expected in case(archive, line).items():
                assert archive[name].shape == expected.shape, (i, line, name, archive[name].shape, expected.shape)
                off = abs(archive[name] - expected).max() / max(1.0, abs(expected).max())
                assert off < 2e-5, f"case {i} {line}: {name} is off by {off:.2e} of the largest value"
                worst[name] = max(worst[name], off)
    print(f"{count} convolutions agree with torch {torch.__version__};",
          ", ".join(f"{name} {off:.1e}" for name, off in worst.items()), "off at most")


if __name__ == "__main__":
    main(*sys.argv[1:])
