#!/usr/bin/python3
"""Tests of tables.py that measure nothing: a shell script plays kiln."""
import json, os, subprocess, sys, tempfile, unittest

import tables

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = {"name": "ONNX Runtime 1 (x)", "min_ms": 30.0, "median_ms": 31.0, "ratio_best": 1.5, "ratio_median": 1.55,
        "difference": 1e-6, "peak_bytes": 3e8, "host_bytes": 4e7}
ABOUT = {"instructions": "AVX2", "processors": 2, "halide": "14.0.0", "llvm": "14.0.6", "kiln": "0.1.0", "peak_gflops": 100.0}


def compared(milliseconds):
    return {"min_ms": milliseconds, "median_ms": 2 * milliseconds, "peak_gflops": 100.0, "peak_bytes": 5e8,
            "weights_bytes": 1e8, "peer": PEER}


class Replacing(unittest.TestCase):
    document = "one\n<!-- a: made by tests/bench/tables.py -->\n\nA (x), 2:\n\n| old |\n\n<!-- end of a -->\ntwo\n"

    def test_only_what_is_between_the_markers_changes(self):
        text = tables.replaced(self.document, "a", {"A": "A (x), 2:\n\n| new |"})
        self.assertEqual(text, self.document.replace("old", "new"))
        self.assertEqual(tables.replaced(self.document, "a", {}), self.document)

    def test_other_processors_keep_their_tables(self):
        both = tables.replaced(self.document, "a", {"B": "B (y), 2:\n\n| b |"})
        self.assertEqual(both, self.document.replace("old |", "old |\n\nB (y), 2:\n\n| b |"))
        again = tables.replaced(both, "a", {"A": "A (z), 4:\n\n| new |"})
        self.assertEqual(again, both.replace("A (x), 2:\n\n| old |", "A (z), 4:\n\n| new |"))
        empty = self.document.replace("A (x), 2:\n\n| old |\n\n", "")
        self.assertEqual(tables.replaced(empty, "a", {"A": "A (x), 2:\n\n| old |"}), self.document)

    def test_missing_doubled_and_exchanged_markers_are_refused(self):
        lines = self.document.splitlines(keepends=True)
        for wrong in ("", self.document + self.document, "".join(reversed(lines)), "".join(lines[:3])):
            with self.assertRaisesRegex(ValueError, "end of a"):
                tables.replaced(wrong, "a", {})

    def test_the_documentation_has_every_marker(self):
        with open(os.path.join(tables.DOCS, "benchmarks.md"), encoding="utf-8") as file:
            document = file.read()
        for name in tables.TABLES:
            self.assertEqual(tables.replaced(document, name, {}), document)


class Writing(unittest.TestCase):
    def test_a_table_for_each_processor_with_rows_in_order(self):
        def machine(*keys):
            return {"about": ABOUT, "measurements": {key: compared(20.0) for key in keys}}

        parts = tables.table_parts("onnxruntime", {
            "B": machine("onnxruntime/vgg16/1"),
            "A": machine("onnxruntime/vgg16/2", "onnxruntime/vgg16/1", "onnxruntime/lenet5/2", "roofline"),
            "C": machine("narrow_weights/vgg16/int8"),
        })
        self.assertEqual(list(parts), ["A", "B"])
        lines = parts["A"].splitlines()
        self.assertEqual(lines[0], "A (AVX2), 2 processors; Kiln 0.1.0, Halide 14.0.0, LLVM 14.0.6; ONNX Runtime 1 (x):")
        self.assertEqual([line.split(" | ")[:2] for line in lines[4:7]],
                         [["| `lenet5`", "2"], ["| `vgg16`", "1"], ["| `vgg16`", "2"]])
        self.assertEqual(lines[5], "| `vgg16` | 1 | 20.00 ms | 40.00 ms | 30.00 ms | 31.00 ms | 1.50 | 1.55 | 1.0e-06 |")
        self.assertEqual(len(lines), 7)
        self.assertTrue(parts["B"].startswith("B (AVX2)"))

    def test_a_row_waits_for_all_its_measurements(self):
        found = {"memory/vgg16/object": {"peak_bytes": 9e8}}
        results = {"A": {"about": ABOUT, "measurements": found}}
        self.assertEqual(tables.table_parts("memory", results), {})
        found["onnxruntime/vgg16/1"] = compared(20.0)
        self.assertIn("| `vgg16` | 900 MB | 500 MB | 300 MB | 40 MB |", tables.table_parts("memory", results)["A"])

    def test_one_row_for_all_autoschedulers(self):
        found = {f"autoschedulers/lenet5/{s}": {"milliseconds": 2.0, "kernels": 9, "failures": []}
                 for s in tables.SCHEDULERS[1:]}
        results = {"A": {"about": ABOUT, "measurements": found}}
        self.assertEqual(tables.table_parts("autoschedulers", results), {})
        found["autoschedulers/lenet5/bounded"] = {"milliseconds": 1.0, "kernels": 9, "failures": []}
        found["autoschedulers/lenet5/li2018"]["failures"] = ["too slow"]
        text = tables.table_parts("autoschedulers", results)["A"]
        self.assertTrue(text.endswith("| `lenet5` | 9 | 1.00 ms | 2.00 ms | 2.00 ms | 2.00 ms (1 failed) | 2.00 ms |"))
        self.assertEqual(text.count("lenet5"), 1)

    def test_times_have_fitting_units(self):
        self.assertEqual([tables.milliseconds(t) for t in (0.00456, 7.5, 123.45)], ["4.6 µs", "7.50 ms", "123.5 ms"])


class Measuring(unittest.TestCase):
    def test_what_is_known_is_not_measured_again_and_failures_are_left_out(self):
        asked = []

        def measure(setup, network, variant):
            asked.append((network, variant, setup.peak))
            if network == "bad":
                sys.exit("no such network")
            return compared(1.0)

        table = tables.Table([], measure, None, ["1", "2"])
        with tempfile.TemporaryDirectory() as folder:
            kiln, results = os.path.join(folder, "kiln"), os.path.join(folder, "results.json")
            said = {"cpu": "A", "instructions": "AVX2", "lowering": "kiln 12 halide 14 llvm 14", "peak_gflops": 90.0}
            with open(kiln, "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\n[ $1 = bench ] && echo '{json.dumps(said)}' || echo kiln 0.1.0\n")
            os.chmod(kiln, 0o700)
            with open(results, "w", encoding="utf-8") as file:
                json.dump({"A": {"about": ABOUT, "measurements": {"t/good/1": compared(1.0)}}}, file)
            tables.TABLES["t"] = table
            try:
                failed = tables.measure(tables.Setup(kiln), results, ["t"], ["good", "bad"])
            finally:
                del tables.TABLES["t"]
            self.assertEqual(failed, 2)
            self.assertEqual(asked, [("good", "2", 100.0), ("bad", "1", 100.0), ("bad", "2", 100.0)])  # the best peak seen
            self.assertEqual(sorted(tables.read_results(results)["A"]["measurements"]), ["t/good/1", "t/good/2"])

    def test_wrong_options_are_named(self):
        for wrong, expected in ((["--results", "r", "--write-only", "--docs", "/nowhere"], "/nowhere"),
                                (["--results", "r"], "which kiln"), (["true", "--results", "r", "--tables", "x"], "no x")):
            done = subprocess.run([sys.executable, os.path.join(HERE, "tables.py"), *wrong], capture_output=True, text=True)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(expected, done.stderr)


if __name__ == "__main__":
    unittest.main()
