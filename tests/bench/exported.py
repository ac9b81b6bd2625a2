#!/usr/bin/python3
"""Random graphs around every operator, exported, run by ONNX Runtime: whether it computes what Kiln's references do.

    exported.py KILN_OPS_TESTS [--modules FOLDER]

KILN_CASES and KILN_SEED say how many graphs for each operator, and which (tests/ops/exported.cpp).
"""
import argparse, os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from compare import MODULES, install, run

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("tests")
p.add_argument("--modules", default=MODULES)
o = p.parse_args()
install(o.modules)
with tempfile.TemporaryDirectory() as folder:
    os.environ["KILN_EXPORT_FOLDER"] = folder
    run(o.tests, "--test-case=exported*")
    sys.exit(subprocess.run(["node", os.path.join(HERE, "exported.js"), o.modules, folder]).returncode)
