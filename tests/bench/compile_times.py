#!/usr/bin/python3
"""How long networks take to compile, cold and warm: one line of JSON for each.

    compile_times.py KILN NETWORK... [--rounds N]

Cold: the kernel cache is empty. Warm: the same command again. The best of N rounds counts, wall time, all processors.
Nothing else should run on the machine.
"""
import argparse, json, os, re, tempfile, time

from measuring import run


def seconds_of(command, cache):
    """Wall time of a command with this kernel cache, and what it printed."""
    start = time.monotonic()
    said = run(*command, env={**os.environ, "KILN_CACHE_DIR": cache})
    return time.monotonic() - start, said


def measure(kiln, network, rounds):
    cold, warm, said = [], [], ""
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            command = [kiln, "compile", network, "-o", os.path.join(folder, "net.o")]
            for times in (cold, warm):
                spent, said = seconds_of(command, os.path.join(folder, "cache"))
                times.append(spent)
    # "NAME: 57 steps, 32 kernels (...), arena 7.6 MB, weights 102.3 MB, 1.4 s"
    steps, kernels = (int(re.search(rf"(\d+) {what}", said).group(1)) for what in ("steps", "kernel"))
    arena, weights = (re.search(rf"{what} ([\d.]+ \w+)", said).group(1) for what in ("arena", "weights"))
    return {"network": network, "cold": min(cold), "warm": min(warm), "kernels": kernels, "steps": steps,
            "arena": arena, "weights": weights}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kiln")
    p.add_argument("network", nargs="+")
    p.add_argument("--rounds", type=int, default=2)
    o = p.parse_args()
    for network in o.network:
        print(json.dumps(measure(o.kiln, network, o.rounds)), flush=True)


if __name__ == "__main__":
    main()
