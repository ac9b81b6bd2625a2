#!/usr/bin/python3
"""A step of training (forward, backward, update) in Kiln against libtorch: the same network, weights, batch and
optimiser; whether both learn the same, who is faster, and who needs less memory.

    training.py KILN NETWORK [--batch N] [--threads N] [--momentum M] [--rounds N] [--seconds S] [--at-least RATIO]

NETWORK: lenet5 (28x28, batch 64) or resnet18 (64x64, batch 16). Kiln's step is the object of `kiln compile --train` in
a C program (training_step.c), libtorch's runs under Python (training_torch.py). The two alternate, round by round, so
that a drifting machine hurts both alike. Exits with 1 when the costs of the first steps differ by more than
--tolerance of the first, or when Kiln reaches less than RATIO of libtorch's speed by best or median.
Needs Debian's python3-numpy and python3-torch.
"""
import argparse, os, sys, tempfile

import numpy as np
from measuring import processor, ratios, run, times

HERE = os.path.dirname(os.path.abspath(__file__))
# Source, sample, classes, batch, learning rate.
NETWORKS = {"lenet5": (os.path.join(HERE, "../../examples/lenet5.cpp:lenet5_cost"), (28, 28, 1), 10, 64, 0.01),
            "resnet18": (os.path.join(HERE, "resnet18_cost.cpp:resnet18_cost"), (64, 64, 3), 1000, 16, 0.01)}


def make_data(path, sample, classes, batch):
    rng = np.random.default_rng(3)
    data = {"images": rng.standard_normal((batch, *sample)), "labels": rng.integers(0, classes, (batch, 1))}
    for name, values in data.items():
        np.save(path(name + ".npy"), values.astype(np.float32))
        values.astype(np.float32).tofile(path(name + ".raw"))


def build(kiln, source, path, batch, outputs, momentum):
    optimizer = ("--optimizer", "momentum", "--momentum", momentum) if momentum else ("--optimizer", "sgd")
    run(kiln, "weights", source, "--seed", 7, "-o", path("weights.npz"))
    said = run(kiln, "compile", source, "--train", "--batch", batch, *optimizer, "--weights", path("weights.npz"),
               "--function-name", "net", "-o", path("net.o"))
    run("cc", "-std=c11", "-O2", "-DOUTPUTS=%d" % outputs, "-I", path(""), os.path.join(HERE, "training_step.c"),
        path("net.o"), "-o", path("step"), "-lm", "-lpthread")
    return said.splitlines()[0]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kiln")
    p.add_argument("network", choices=NETWORKS)
    p.add_argument("--batch", type=int)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--momentum", type=float, default=0.9, help="0: plain gradient descent")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seconds", type=float, default=3)
    p.add_argument("--tolerance", type=float, default=1e-3)
    p.add_argument("--at-least", type=float, default=0)
    o = p.parse_args()
    source, sample, classes, batch, rate = NETWORKS[o.network]
    batch, warmup = o.batch or batch, 5

    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        make_data(path, sample, classes, batch)
        said = build(o.kiln, source, path, batch, batch * classes, o.momentum)
        ours, theirs, environment = times(), times(), {**os.environ, "OMP_NUM_THREADS": str(o.threads)}
        for _ in range(o.rounds):
            their_costs, line = run(os.path.join(HERE, "training_torch.py"), o.network, path("weights.npz"),
                                    path("images.npy"), path("labels.npy"), rate, o.momentum, o.threads, warmup,
                                    o.seconds, env=environment).splitlines()
            best, median, their_peak, torch_alone, version = line.split()
            theirs.add(float(best), float(median))
            our_costs, line = run(path("step"), path("images.raw"), path("labels.raw"), rate, o.threads, warmup,
                                  o.seconds).splitlines()
            best, median, our_peak = line.split()
            ours.add(float(best), float(median))

    costs = [np.array([float(c) for c in line.split()]) for line in (our_costs, their_costs)]
    difference = float(np.abs(costs[0] - costs[1]).max() / costs[1][0])
    best, median = ratios(theirs, ours)
    mega = lambda text: f"{int(text) / 1e6:.0f} MB"
    print(f"{o.network}, batch {batch}, on {processor()}, {o.threads} thread(s); {said}\n"
          f"Kiln {ours.best:.2f} ms (median {ours.median:.2f}), libtorch {version} {theirs.best:.2f} ms (median "
          f"{theirs.median:.2f}); speed ratio {best:.2f} (best), {median:.2f} (median)\n"
          f"peak memory: Kiln {mega(our_peak)}, libtorch {mega(their_peak)}, {mega(torch_alone)} of it before there is a "
          f"network\ncosts of the first {warmup} steps, libtorch's: {their_costs}; they differ by {difference:.1e} of the first")
    if not difference <= o.tolerance:
        sys.exit(f"the costs differ by more than {o.tolerance}: {our_costs}")
    if min(best, median) < o.at_least:
        sys.exit(f"slower than {o.at_least} of libtorch's speed")


if __name__ == "__main__":
    main()
