#!/usr/bin/python3
"""Networks by `kiln bench --compare onnxruntime`: whether ONNX Runtime computes the same, and who is faster.

    compare.py KILN NETWORK... [--threads N] [--duration S] [--tolerance T] [--at-least RATIO] [--weights-type T]

Weights are random, batch norms' statistics too, so that folding them is exercised. Exits with 1 when the outputs of one
differ by more than T relative to the largest, or (with --at-least) when Kiln reaches less than RATIO of ONNX Runtime's
speed. Needs Debian's python3-numpy, nodejs and npm; installs npm's onnxruntime-node into --modules at the first use.
"""
import argparse, json, os, sys, tempfile

from measuring import run

VERSION = "1.30.0"
MODULES = os.path.expanduser("~/.cache/kiln/onnxruntime/node_modules")


def install(modules):
    if not os.path.isdir(os.path.join(modules, "onnxruntime-node")):
        folder = os.path.dirname(modules)
        os.makedirs(folder, exist_ok=True)
        run("npm", "install", "--prefix", folder, "--silent", "--no-audit", "--no-fund", "--ignore-scripts",
            f"onnxruntime-node@{VERSION}")


def random_weights(kiln, network, file):
    """He-scaled filters, biases, and batch norms with statistics of their own."""
    import numpy as np

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


def compare(kiln, network, modules, *options, alone=()):
    """What `kiln bench --json` says; `alone` comes before the command."""
    with tempfile.TemporaryDirectory() as folder:
        weights = os.path.join(folder, "weights.npz")
        random_weights(kiln, network, weights)
        return json.loads(run(*alone, kiln, "bench", network, "--weights", weights, "--compare", "onnxruntime", "--json",
                              "--quiet", *options, env={**os.environ, "NODE_PATH": modules}))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kiln")
    p.add_argument("network", nargs="+")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--duration", type=float, default=3, help="seconds of either's counted runs")
    p.add_argument("--tolerance", type=float, help="kiln bench's by default")
    p.add_argument("--at-least", type=float, default=0)
    p.add_argument("--weights-type", default="float32", help="of Kiln's: float32, bf16 or int8")
    p.add_argument("--modules", default=MODULES)
    o = p.parse_args()
    install(o.modules)
    tolerance = [] if o.tolerance is None else ["--tolerance", o.tolerance]
    slow = []
    for network in o.network:
        found = compare(o.kiln, network, o.modules, "--threads", o.threads, "--duration", o.duration, "--weights-type",
                        o.weights_type, *tolerance)
        peer = found["peer"]
        print(f"{network} on {found['cpu']}, {o.threads} thread(s), {o.weights_type} weights: Kiln {found['min_ms']:.3f} ms, "
              f"{peer['name']} {peer['min_ms']:.3f} ms; speed ratio {peer['ratio_best']:.2f} (best), "
              f"{peer['ratio_median']:.2f} (median); outputs differ by {peer['difference']:.1e} relative", flush=True)
        if max(peer["ratio_best"], peer["ratio_median"]) < o.at_least:
            slow.append(network)
    if slow:
        sys.exit(f"slower than {o.at_least} of ONNX Runtime's speed: {', '.join(slow)}")


if __name__ == "__main__":
    main()
