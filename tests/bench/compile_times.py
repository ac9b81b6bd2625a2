#!/usr/bin/python3
"""How long the networks that ship take to compile, cold and warm, as the table of docs/benchmarks.md.

    compile_times.py KILN [NETWORK...] [--rounds N]

Cold: the kernel cache is empty. Warm: the same command again. The best of N rounds counts, wall time, all processors.
Without names it takes every network of `kiln list`. Nothing else should run on the machine.
"""
import argparse, json, os, re, subprocess, sys, tempfile, time

from measuring import processor


def seconds_of(command, cache):
    """Wall time of a command with this kernel cache, and what it printed."""
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "KILN_CACHE_DIR": cache})
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return time.monotonic() - start, done.stdout


def row_of(kiln, network, rounds):
    cold, warm, said = [], [], ""
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            command = [kiln, "compile", network, "-o", os.path.join(folder, "net.o")]
            for times in (cold, warm):
                spent, said = seconds_of(command, os.path.join(folder, "cache"))
                times.append(spent)
    # "NAME: 57 steps, 32 kernels (...), arena 7.6 MB, weights 102.3 MB, 1.4 s"
    steps, kernels = (re.search(rf"(\d+) {what}", said).group(1) for what in ("steps", "kernel"))
    arena, weights = (re.search(rf"{what} ([\d.]+ \w+)", said).group(1) for what in ("arena", "weights"))
    return f"| `{network}` | {min(cold):.1f} s | {min(warm):.1f} s | {kernels} | {steps} | {arena} | {weights} |"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kiln")
    p.add_argument("network", nargs="*")
    p.add_argument("--rounds", type=int, default=2)
    o = p.parse_args()
    listed = subprocess.run([o.kiln, "list", "--json"], capture_output=True, text=True, check=True).stdout
    names = o.network or [n["name"] for n in json.loads(listed)]
    print(f"{processor()}\n\n| network | cold | warm | kernels | steps | arena | weights |\n|---|---|---|---|---|---|---|")
    for name in names:
        print(row_of(o.kiln, name, o.rounds), flush=True)


if __name__ == "__main__":
    main()
