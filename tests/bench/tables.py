#!/usr/bin/python3
"""Measures what the tables of docs/benchmarks.md hold, and writes them between their markers.

    tables.py KILN --results FILE [--tables NAME,...] [--networks NAME,...] [--alone COMMAND] [--modules FOLDER]
    tables.py --results FILE --write-only

What is in FILE already is not measured again, so an interrupted run goes on where it was. FILE holds each processor's
measurements apart, and each table is written for each processor; what docs have of processors that FILE knows nothing
of stays. No single measurement takes more than a minute;
COMMAND, such as "taskset -c 0,1" or one that keeps other programs away, comes before each. A measurement that fails is
reported and left out. Without names: all tables, all networks of `kiln list`.
"""
import argparse, json, os, re, shlex, sys, tempfile
from dataclasses import dataclass, field
from typing import Callable

from compare import MODULES, compare, install
from measuring import run

HERE = os.path.dirname(os.path.abspath(__file__))
DOCS = os.path.join(HERE, "..", "..", "docs")
PICTURE = "roofline_resnet50.svg"


@dataclass
class Setup:
    kiln: str
    modules: str = MODULES
    alone: list = field(default_factory=list)
    peak: float = 0  # GFLOP/s of multiply-adds on one thread of a machine that does nothing else

    def json_of(self, script, *arguments):
        return json.loads(run(*self.alone, os.path.join(HERE, script), self.kiln, *arguments))


@dataclass
class Table:
    head: list
    measure: Callable  # (setup, network, variant) -> what goes into the file
    row: Callable  # (measurements of the processor, network, variant) -> cells
    variants: list  # of each network
    networks: list = None  # all
    one_row: bool = False  # for all variants of a network


def key_of(table, network, variant):
    return f"{table}/{network}/{variant}"


# How numbers are written.


def milliseconds(value):
    return f"{value:.1f} ms" if value >= 100 else f"{value:.2f} ms" if value >= 1 else f"{1000 * value:.1f} µs"


def megabytes(value):
    return f"{value / 1e6:.0f} MB" if value >= 1e7 else f"{value / 1e6:.1f} MB"


# The tables.

# A processor that gives less than this share of its peak is busy with something else: then it is measured again, so often.
UNDISTURBED, ATTEMPTS = 0.95, 4


def measure_comparison(setup, network, options):
    # Kernels are compiled before anyone has to keep quiet.
    run(setup.kiln, "bench", network, "--quiet", "--iterations", 1, *options)
    for _ in range(ATTEMPTS):
        found = compare(setup.kiln, network, setup.modules, *options, alone=setup.alone)
        if found["peak_gflops"] >= UNDISTURBED * setup.peak * found["threads"]:
            break
    return {k: found[k] for k in ("min_ms", "median_ms", "peak_gflops", "peak_bytes", "weights_bytes", "peer")}


def comparison_cells(m):
    peer = m["peer"]
    return [milliseconds(m["min_ms"]), milliseconds(m["median_ms"]), milliseconds(peer["min_ms"]),
            milliseconds(peer["median_ms"]), f"{peer['ratio_best']:.2f}", f"{peer['ratio_median']:.2f}",
            f"{peer['difference']:.1e}"]


COMPARISON = ["Kiln, best", "median", "ONNX Runtime, best", "median", "ratio, best", "median", "largest relative difference"]


def narrow_weights_row(measurements, network, kind):
    m = measurements[key_of("narrow_weights", network, kind)]
    return [f"`{network}`", kind, *comparison_cells(m), megabytes(m["weights_bytes"])]


def memory_row(measurements, network, variant):
    ours = measurements[key_of("memory", network, variant)]
    with_peer = measurements[key_of("onnxruntime", network, "1")]
    return [f"`{network}`", megabytes(ours["peak_bytes"]), megabytes(with_peer["peak_bytes"]),
            megabytes(with_peer["peer"]["peak_bytes"]), megabytes(with_peer["peer"]["host_bytes"])]


def measure_schedulers(setup, network, scheduler):
    program = os.path.join(os.path.dirname(os.path.abspath(setup.kiln)), "kiln_autoschedulers")
    run(program, "build", network, scheduler, SECONDS_A_KERNEL)
    return json.loads(run(*setup.alone, program, "measure", network, scheduler))


def scheduler_row(measurements, network, _):
    all = {s: measurements[key_of("autoschedulers", network, s)] for s in SCHEDULERS}
    cells = [f"`{network}`", all["strict"]["kernels"]]
    for scheduler, m in all.items():
        note = f" ({len(m['failures'])} failed)" if m["failures"] else ""
        cells.append(f"{milliseconds(m['milliseconds'])}{note}")
    return cells


def compile_row(measurements, network, variant):
    m = measurements[key_of("compiling", network, variant)]
    return [f"`{network}`", f"{m['cold']:.1f} s", f"{m['warm']:.1f} s", m["kernels"], m["steps"], m["arena"], m["weights"]]


# Networks whose many kernels or variants take long to measure are left out where these suffice.
COURSE = ["lenet5", "alexnet", "vgg16", "resnet50", "googlenet", "mobilenet", "c3d"]
SCHEDULERS = ["bounded", "strict", "mullapudi2016", "li2018", "adams2019"]
SECONDS_A_KERNEL = 30  # which an autoscheduler may take

TABLES = {
    "onnxruntime": Table(
        ["network", "threads", *COMPARISON],
        lambda setup, network, threads: measure_comparison(setup, network, ["--threads", threads]),
        lambda all, network, threads: [f"`{network}`", threads,
                                       *comparison_cells(all[key_of("onnxruntime", network, threads)])],
        ["1", "2"]),
    "narrow_weights": Table(
        ["network", "weights", *COMPARISON, "weights in the object"],
        lambda setup, network, kind: measure_comparison(setup, network, ["--threads", 1, "--weights-type", kind]),
        narrow_weights_row,
        ["float32", "bf16", "int8"], ["alexnet", "vgg16", "resnet50"]),
    "autoschedulers": Table(
        ["network", "kernels", "Kiln", "Kiln, strict", "Mullapudi2016", "Li2018", "Adams2019"],
        measure_schedulers, scheduler_row, SCHEDULERS, COURSE, one_row=True),
    "memory": Table(
        ["network", "program with the object", "Kiln, compiling and running", "ONNX Runtime", "of it without ONNX Runtime"],
        lambda setup, network, _: setup.json_of("object_memory.py", network), memory_row, ["object"]),
    "compiling": Table(
        ["network", "cold", "warm", "kernels", "steps", "arena", "weights"],
        lambda setup, network, _: setup.json_of("compile_times.py", network), compile_row, ["seconds"]),
}


# The picture: an SVG, which is kept with the measurements.


def measure_roofline(setup):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, PICTURE)
        command = [setup.kiln, "bench", "resnet50", "--quiet", "--threads", 1, "--roofline", file]
        run(*command, "--iterations", 1)
        run(*setup.alone, *command)
        with open(file, encoding="utf-8") as svg:
            return svg.read()


# Measuring.


def about_this_machine(kiln):
    said = json.loads(run(kiln, "bench", "lenet5", "--threads", 1, "--iterations", 1, "--quiet", "--json"))
    _, _, _, halide, _, llvm = said["lowering"].split()  # "kiln 12 halide 14.0.0 llvm 14.0.6"
    return said["cpu"], {"instructions": said["instructions"], "processors": os.cpu_count(), "halide": halide,
                         "llvm": llvm, "peak_gflops": said["peak_gflops"], "kiln": run(kiln, "--version").split()[1]}


def read_results(file):
    if not os.path.exists(file):
        return {}
    with open(file, encoding="utf-8") as f:
        return json.load(f)


def write_file(file, text):
    with open(file + ".part", "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(file + ".part", file)


def pieces(setup, tables, networks):
    """(key, function that measures it) of everything wanted."""
    for name in tables:
        if name == "roofline":
            yield "roofline", lambda: measure_roofline(setup)
            continue
        table = TABLES[name]
        for network in networks:
            if table.networks and network not in table.networks:
                continue
            for variant in table.variants:
                yield key_of(name, network, variant), lambda t=table, n=network, v=variant: t.measure(setup, n, v)


def measure(setup, results_file, tables, networks):
    """Fills in what is missing; how many measurements failed."""
    results, failed = read_results(results_file), 0
    cpu, about = about_this_machine(setup.kiln)
    machine = results.setdefault(cpu, {"measurements": {}})
    about["peak_gflops"] = max(about["peak_gflops"], machine.get("about", about)["peak_gflops"])
    machine["about"], setup.peak = about, about["peak_gflops"]
    for key, function in pieces(setup, tables, networks):
        if key in machine["measurements"]:
            continue
        print(key, file=sys.stderr, flush=True)
        try:
            machine["measurements"][key] = function()
        except SystemExit as stopped:
            print(f"{key}: {stopped}", file=sys.stderr, flush=True)
            failed += 1
            continue
        write_file(results_file, json.dumps(results, indent=1))
    return failed


# Writing.


def has_row(table, measurements, network, variant):
    try:
        table.row(measurements, network, variant)
        return True
    except KeyError:  # not measured
        return False


def table_parts(name, results):
    """By processor that has measurements: its table, below a line that says on what they were made."""
    table, parts = TABLES[name], {}
    for cpu, machine in sorted(results.items()):
        found = machine["measurements"]
        wanted = [key.split("/")[1:] for key in found if key.startswith(name + "/")]
        wanted = [w for w in wanted if has_row(table, found, *w)]
        if not wanted:
            continue
        if table.one_row:
            wanted = [w for w in wanted if w[1] == table.variants[0]]
        wanted.sort(key=lambda w: (w[0], table.variants.index(w[1])))
        about = machine["about"]
        peers = sorted({m["peer"]["name"] for m in found.values() if isinstance(m, dict) and "peer" in m})
        versions = [f"Kiln {about['kiln']}, Halide {about['halide']}, LLVM {about['llvm']}", *peers]
        lines = [f"{cpu} ({about['instructions']}), {about['processors']} processors; {'; '.join(versions)}:", "",
                 "| " + " | ".join(table.head) + " |", "|" + "---|" * len(table.head)]
        lines += ["| " + " | ".join(str(cell) for cell in table.row(found, *w)) + " |" for w in wanted]
        parts[cpu] = "\n".join(lines)
    return parts


def replaced(document, name, parts):
    """The document with these processors' tables of that name in place of their old ones, or behind the others'."""
    begin, end = f"<!-- {name}: made by tests/bench/tables.py -->\n", f"<!-- end of {name} -->\n"
    if document.count(begin) != 1 or document.count(end) != 1 or document.index(begin) > document.index(end):
        raise ValueError(f"expected once, and in this order: {begin.strip()} and {end.strip()}")
    before, rest = document.split(begin)
    old, after = rest.split(end)
    # A table's heading is the first line after an empty one that is not the table itself.
    tables = [t for t in re.split(r"\n\n(?=[^|\n])", old.strip()) if t]
    kept = {t.split(" (")[0]: t for t in tables}
    text = "\n\n".join({**kept, **parts}.values())
    return f"{before}{begin}\n{text}\n\n{end}{after}"


def write_tables(results, docs):
    file = os.path.join(docs, "benchmarks.md")
    with open(file, encoding="utf-8") as f:
        document = f.read()
    for name in TABLES:
        document = replaced(document, name, table_parts(name, results))
    write_file(file, document)
    for machine in results.values():
        if "roofline" in machine["measurements"]:
            write_file(os.path.join(docs, PICTURE), machine["measurements"]["roofline"])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kiln", nargs="?")
    p.add_argument("--results", required=True)
    p.add_argument("--tables", help=f"of {', '.join([*TABLES, 'roofline'])}")
    p.add_argument("--networks")
    p.add_argument("--alone", default="", help="put before each command that measures")
    p.add_argument("--modules", default=MODULES)
    p.add_argument("--docs", default=DOCS)
    p.add_argument("--write-only", action="store_true")
    o = p.parse_args()
    failed = 0
    if not o.write_only:
        if not o.kiln:
            p.error("which kiln measures?")
        tables = o.tables.split(",") if o.tables else [*TABLES, "roofline"]
        if unknown := [t for t in tables if t not in TABLES and t != "roofline"]:
            p.error(f"--tables: there is no {', '.join(unknown)}")
        networks = [n["name"] for n in json.loads(run(o.kiln, "list", "--json"))]
        if o.networks:
            if unknown := [n for n in o.networks.split(",") if n not in networks]:
                p.error(f"--networks: there is no {', '.join(unknown)}")
            networks = o.networks.split(",")
        install(o.modules)
        failed = measure(Setup(o.kiln, o.modules, shlex.split(o.alone)), o.results, tables, networks)
    write_tables(read_results(o.results), o.docs)
    if failed:
        sys.exit(f"{failed} measurements failed")


if __name__ == "__main__":
    main()
