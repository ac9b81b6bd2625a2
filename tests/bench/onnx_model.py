"""A network as `kiln inspect NETWORK --dump-after import` prints it, turned into an ONNX model with given weights.

Covers the two-dimensional operators the shipped networks use. ONNX keeps channels first and filters as
{filters, channels, height, width}; Kiln keeps channels last and filters as {height, width, channels, filters}.
"""
import re

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

LINE = re.compile(r"%(\d+) = (\w+) ?([^:]*) : ([\dx]+)  # (.*)")


def parse(dump):
    """[(id, operator, operand ids, {attribute: text}, dims, name)], id of the output."""
    nodes, output = [], None
    for line in dump.splitlines():
        found = LINE.match(line.strip())
        if found:
            number, kind, rest, shape, name = found.groups()
            attributes = dict(re.findall(r"(\w+)=([\w.e+-]+)", rest))
            operands = [int(i) for i in re.findall(r"%(\d+)", rest)]
            nodes.append((int(number), kind, operands, attributes, [int(e) for e in shape.split("x")], name))
        elif line.strip().startswith("output"):
            output = int(line.split("%")[1])
    return nodes, output


def random_weights(nodes, seed):
    """Weights by name: He-scaled filters and batch norms with statistics of their own, so that folding is exercised."""
    rng = np.random.default_rng(seed)
    weights = {}
    for _, kind, _, attributes, shape, name in nodes:
        if kind != "parameter":
            continue
        role = attributes["role"]
        if role == "weight":
            values = rng.standard_normal(shape) * np.sqrt(2 / int(attributes.get("fan_in", 1)))
        elif role in ("scale", "variance"):
            values = rng.uniform(0.5, 1.0 if role == "scale" else 1.5, shape)
        else:
            values = rng.standard_normal(shape) * 0.05
        weights[name] = values.astype(np.float32)
    return weights


def pair(attributes, name, otherwise):
    text = attributes.get(name, str(otherwise))
    values = [int(v) for v in text.split("x")]
    return values * 2 if len(values) == 1 else values


def onnx_model(nodes, output, weights, name):
    made, initializers, graph_inputs = [], [], []
    value = {}

    def initializer(array, label):
        initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), label))
        return label

    def emit(kind, inputs, label, **attributes):
        made.append(helper.make_node(kind, inputs, [label], name=label, **attributes))
        return label

    shape_of = {number: shape for number, _, _, _, shape, _ in nodes}
    name_of = {number: label for number, _, _, _, _, label in nodes}
    for number, kind, operands, a, shape, label in nodes:
        x = value.get(operands[0]) if operands else None
        if kind == "input":
            n, h, w, c = shape
            graph_inputs.append(helper.make_tensor_value_info(label, TensorProto.FLOAT, [n, c, h, w]))
            value[number] = label
        elif kind == "parameter":
            value[number] = None
        elif kind == "conv":
            pads = pair(a, "pad", 0)
            before, after = pair(a, "pad_before", 0), pair(a, "pad_after", 0)
            inputs = [x, initializer(weights[name_of[operands[1]]].transpose(3, 2, 0, 1), name_of[operands[1]])]
            inputs += [initializer(weights[name_of[i]], name_of[i]) for i in operands[2:]]
            value[number] = emit("Conv", inputs, label, kernel_shape=pair(a, "window", 1),
                                 strides=pair(a, "stride", 1), dilations=pair(a, "dilation", 1),
                                 group=int(a.get("groups", 1)),
                                 pads=[pads[0] + before[0], pads[1] + before[1], pads[0] + after[0], pads[1] + after[1]])
        elif kind == "batch_norm":
            inputs = [x] + [initializer(weights[name_of[i]], name_of[i]) for i in operands[1:]]
            value[number] = emit("BatchNormalization", inputs, label, epsilon=float(a["epsilon"]))
        elif kind in ("max_pool", "average_pool"):
            pads = pair(a, "pad", 0)
            value[number] = emit({"max_pool": "MaxPool", "average_pool": "AveragePool"}[kind], [x], label,
                                 kernel_shape=pair(a, "window", 1), strides=pair(a, "stride", 1), pads=pads * 2)
        elif kind == "dense":
            source = shape_of[operands[0]]
            if len(source) == 4:  # Kiln reads channels last
                x = emit("Transpose", [x], label + ".last", perm=[0, 2, 3, 1])
                x = emit("Flatten", [x], label + ".flat", axis=1)
            inputs = [x] + [initializer(weights[name_of[i]], name_of[i]) for i in operands[1:]]
            value[number] = emit("Gemm", inputs, label)
        elif kind == "concat":
            value[number] = emit("Concat", [value[i] for i in operands], label, axis=1)
        else:
            kinds = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "add": "Add", "multiply": "Mul",
                     "softmax": "Softmax"}
            value[number] = emit(kinds[kind], [value[i] for i in operands], label)
    result = shape_of[output]
    dims = [result[0], result[3], result[1], result[2]] if len(result) == 4 else result
    graph = helper.make_graph(made, name, graph_inputs,
                              [helper.make_tensor_value_info(value[output], TensorProto.FLOAT, dims)], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    checker.check_model(model)
    return model
