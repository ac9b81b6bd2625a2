"""Runs FOLDER/net.onnx with ONNX Runtime's CPU provider: see onnxruntime.hpp for what is said.

    python3 onnxruntime.py FOLDER THREADS
"""
import json
import platform
import sys
import time

import numpy

TYPES = {"tensor(float)": "f4", "tensor(int64)": "i8", "tensor(int32)": "i4", "tensor(bool)": "?"}


def memory(key):
    """Bytes: VmRSS now, VmHWM at most so far."""
    with open("/proc/self/status", encoding="utf-8") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith(key))


def answer(value):
    print(json.dumps(value), flush=True)


def main(folder, threads):
    before = memory("VmRSS")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = int(threads), 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(f"{folder}/net.onnx", options, providers=["CPUExecutionProvider"])
    feeds = {
        port.name: numpy.fromfile(f"{folder}/{i}.in", TYPES[port.type]).reshape(port.shape)
        for i, port in enumerate(session.get_inputs())
    }
    for i, value in enumerate(session.run(None, feeds)):
        value.tofile(f"{folder}/{i}.out")
    answer({"version": onnxruntime.__version__, "host": f"Python {platform.python_version()}", "host_bytes": before})

    for line in sys.stdin:
        wish, times = json.loads(line), []
        for _ in range(wish["warmup"]):
            session.run(None, feeds)
        end = time.perf_counter() + wish["seconds"]
        while len(times) < wish["least"] or time.perf_counter() < end:
            start = time.perf_counter()
            session.run(None, feeds)
            times.append(1000 * (time.perf_counter() - start))
        answer({"milliseconds": times, "peak_bytes": memory("VmHWM")})


main(*sys.argv[1:])
