"""What the scripts that measure Kiln against others share: commands, the processor's name, ratios of times."""
import os, subprocess, sys

import numpy as np


def run(*command, **options):
    """What a command prints. Where it fails, the script ends with what it said."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(c) for c in command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return f"{names[0] if names else 'unknown processor'}, {os.cpu_count()} logical processors"


class times:
    """Milliseconds of one side, by rounds: the fastest and the median of each."""

    def __init__(self):
        self.rounds = []

    def add(self, best, median):
        self.rounds.append((best, median))

    @property
    def best(self):
        return min(best for best, _ in self.rounds)

    @property
    def median(self):
        return float(np.median([median for _, median in self.rounds]))


def ratios(theirs, ours):
    """How many times as fast we are: by the best, and by the median."""
    return theirs.best / ours.best, theirs.median / ours.median
