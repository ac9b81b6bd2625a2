#!/usr/bin/env python3
"""Makes seeds for the ONNX target of ONNX's own test cases (Debian's libonnx-testdata): each small case as it is, with
every input but the first constant, and with every input constant.

    seed_onnx.py FOLDER
"""
import glob
import os
import sys

import onnx

CASES = "/usr/share/libonnx-testdata/data"
LARGEST = 2500


def with_constants(model, folder, first):
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    for i, port in enumerate(model.graph.input):
        path = f"{folder}/test_data_set_0/input_{i}.pb"
        if i < first or not os.path.exists(path) or os.path.getsize(path) > LARGEST:
            continue
        tensor = onnx.TensorProto()
        with open(path, "rb") as f:
            tensor.ParseFromString(f.read())
        tensor.name = port.name
        changed.graph.initializer.append(tensor)
        changed.graph.input.remove(next(p for p in changed.graph.input if p.name == port.name))
    return changed


def main(to):
    for file in sorted(glob.glob(f"{CASES}/*/*/model.onnx")):
        if os.path.getsize(file) > LARGEST:
            continue
        folder = os.path.dirname(file)
        model = onnx.load(file)
        model.producer_name = model.doc_string = ""
        for variant, first in (("", len(model.graph.input)), ("_fixed", 1), ("_constant", 0)):
            data = with_constants(model, folder, first).SerializeToString()
            if len(data) <= LARGEST:
                with open(f"{to}/{os.path.basename(folder)}{variant}", "wb") as f:
                    f.write(data)


if __name__ == "__main__":
    main(sys.argv[1])
