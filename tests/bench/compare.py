#!/usr/bin/python3
"""Kiln against ONNX Runtime: the same network, weights and input; whether the outputs agree, and who is faster.

    compare.py KILN NETWORK [--threads N] [--rounds N] [--seconds S] [--tolerance T] [--at-least RATIO]
                              [--weights-type T]

Timings alternate, round by round, so that a drifting machine hurts both alike. Exits with 1 when the outputs differ by
more than T relative to the largest, or (with --at-least) when Kiln reaches less than RATIO of ONNX Runtime's speed.
Needs Debian's python3-numpy, nodejs and npm; installs npm's onnxruntime-node into --modules at the first use.
"""
import argparse, json, os, subprocess, sys, tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = "1.30.0"
MODULES = os.path.expanduser("~/.cache/kiln/onnxruntime/node_modules")


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(c) for c in command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def install(modules):
    if not os.path.isdir(os.path.join(modules, "onnxruntime-node")):
        folder = os.path.dirname(modules)
        os.makedirs(folder, exist_ok=True)
        run("npm", "install", "--prefix", folder, "--silent", "--no-audit", "--no-fund", "--ignore-scripts",
            f"onnxruntime-node@{VERSION}")


def first(rank):
    """The axes of {batch, spatial..., channels} in ONNX's order."""
    return [0, rank - 1, *range(1, rank - 1)] if rank > 2 else list(range(rank))


def relative_difference(found, expected):
    """Of one output, relative to its largest value; `expected` is flat and has channels first."""
    found = found.transpose(first(found.ndim)).ravel()
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def random_weights(kiln, network, file):
    """He-scaled filters, biases, and batch norms with statistics of their own, so that folding is exercised."""
    run(kiln, "weights", network, "-o", file, "--seed", 7)
    rng, weights = np.random.default_rng(7), {}
    for name, values in np.load(file).items():
        role = name.rsplit(".", 1)[-1]
        if role in ("scale", "variance"):
            values = rng.uniform(0.5, 1.0 if role == "scale" else 1.5, values.shape)
        elif role in ("bias", "shift", "mean"):
            values = rng.standard_normal(values.shape) * 0.05
        weights[name] = values.astype(np.float32)
    np.savez(file, **weights)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kiln")
    p.add_argument("network")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seconds", type=float, default=3)
    p.add_argument("--tolerance", type=float, default=1e-4)
    p.add_argument("--at-least", type=float, default=0)
    p.add_argument("--weights-type", default="float32", help="of Kiln's: float32, bf16 or int8")
    p.add_argument("--modules", default=MODULES)
    o = p.parse_args()
    install(o.modules)

    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        random_weights(o.kiln, o.network, path("weights.npz"))
        run(o.kiln, "export", o.network, "--weights", path("weights.npz"), "-o", path("net.onnx"))
        rng, files = np.random.default_rng(3), []
        for layer in json.loads(run(o.kiln, "inspect", o.network, "--json"))["layers"]:
            if layer["operator"] == "input":
                x, name = rng.uniform(-1, 1, [1, *layer["shape"]]).astype(np.float32), layer["name"]
                np.savez(path(name + ".npz"), x)
                files += ["-i", f"{name}={path(name + '.npz')}"]
                x.transpose(first(x.ndim)).tofile(path(name + ".in"))

        run(o.kiln, "run", o.network, "--weights", path("weights.npz"), *files, "-o", path("out.npz"),
            "--weights-type", o.weights_type)
        ours, theirs = [], []
        for _ in range(o.rounds):
            times = run("node", os.path.join(HERE, "onnxruntime.js"), o.modules, o.threads, o.seconds, folder)
            theirs.append([float(t) for t in times.split()])
            bench = json.loads(run(o.kiln, "bench", o.network, "--weights", path("weights.npz"), "--threads", o.threads,
                                   "--duration", o.seconds, "--json", "--weights-type", o.weights_type))
            ours.append([bench["min_ms"], bench["median_ms"]])
        found = np.load(path("out.npz"))
        difference = max(relative_difference(found[name], np.fromfile(path(name + ".out"), np.float32))
                         for name in found.files)

    best = min(t[0] for t in theirs) / min(t[0] for t in ours)
    median = float(np.median([t[1] for t in theirs]) / np.median([t[1] for t in ours]))
    print(f"{o.network} on {bench['cpu']}, {o.threads} thread(s), {o.weights_type} weights: Kiln {min(t[0] for t in ours):.2f} ms, ONNX Runtime "
          f"{VERSION} {min(t[0] for t in theirs):.2f} ms; speed ratio {best:.2f} (best), {median:.2f} (median); "
          f"outputs differ by {difference:.1e} relative")
    if not difference <= o.tolerance:
        sys.exit(f"the outputs differ by more than {o.tolerance}")
    if max(best, median) < o.at_least:
        sys.exit(f"slower than {o.at_least} of ONNX Runtime's speed")


if __name__ == "__main__":
    main()
