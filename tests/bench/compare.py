#!/usr/bin/python3
"""Kiln against ONNX Runtime: the same network, weights and input; whether the outputs agree, and who is faster.

    compare.py KILN NETWORK [--threads N] [--rounds N] [--seconds S] [--tolerance T] [--at-least RATIO]

Timings alternate, round by round, so that a drifting machine hurts both alike. Exits with 1 when the outputs differ by
more than T relative to the largest, or (with --at-least) when Kiln reaches less than RATIO of ONNX Runtime's speed.
Needs Debian's python3-onnx, nodejs and npm; installs npm's onnxruntime-node into --modules at the first use.
"""
import argparse, json, os, subprocess, sys, tempfile

import numpy as np
import onnx

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from onnx_model import channels_first, onnx_model, parse, random_weights

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = "1.30.0"


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


def relative_difference(found, expected):
    """Of one output, relative to its largest value; `expected` is flat and has channels first."""
    found = found.transpose(channels_first(found.ndim)[0]).ravel()
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kiln")
    p.add_argument("network")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seconds", type=float, default=3)
    p.add_argument("--tolerance", type=float, default=1e-4)
    p.add_argument("--at-least", type=float, default=0)
    p.add_argument("--modules", default=os.path.expanduser("~/.cache/kiln/onnxruntime/node_modules"))
    o = p.parse_args()
    install(o.modules)

    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        nodes, outputs = parse(run(o.kiln, "inspect", o.network, "--dump-after", "import"))
        weights = random_weights(nodes, 7)
        onnx.save(onnx_model(nodes, outputs, weights, o.network), path("net.onnx"))
        np.savez(path("weights.npz"), **weights)
        rng, files = np.random.default_rng(3), []
        for _, kind, _, _, shape, name in nodes:
            if kind == "input":
                x = rng.uniform(-1, 1, shape).astype(np.float32)
                np.savez(path(name + ".npz"), x)
                files += ["-i", f"{name}={path(name + '.npz')}"]
                x.transpose(channels_first(len(shape))[0]).tofile(path(name + ".in"))

        run(o.kiln, "run", o.network, "--weights", path("weights.npz"), *files, "-o", path("out.npz"))
        ours, theirs = [], []
        for _ in range(o.rounds):
            times = run("node", os.path.join(HERE, "onnxruntime.js"), o.modules, o.threads, o.seconds, folder)
            theirs.append([float(t) for t in times.split()])
            bench = json.loads(run(o.kiln, "bench", o.network, "--weights", path("weights.npz"), "--threads", o.threads,
                                   "--duration", o.seconds, "--json"))
            ours.append([bench["min_ms"], bench["median_ms"]])
        found = np.load(path("out.npz"))
        difference = max(relative_difference(found[name], np.fromfile(path(f"{i}.out"), np.float32))
                         for i, (name, _) in enumerate(outputs))

    best = min(t[0] for t in theirs) / min(t[0] for t in ours)
    median = float(np.median([t[1] for t in theirs]) / np.median([t[1] for t in ours]))
    print(f"{o.network} on {bench['cpu']}, {o.threads} thread(s): Kiln {min(t[0] for t in ours):.2f} ms, ONNX Runtime "
          f"{VERSION} {min(t[0] for t in theirs):.2f} ms; speed ratio {best:.2f} (best), {median:.2f} (median); "
          f"outputs differ by {difference:.1e} relative")
    if not difference <= o.tolerance:
        sys.exit(f"the outputs differ by more than {o.tolerance}")
    if max(best, median) < o.at_least:
        sys.exit(f"slower than {o.at_least} of ONNX Runtime's speed")


if __name__ == "__main__":
    main()
