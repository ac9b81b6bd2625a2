"""A network as `kiln inspect NETWORK --dump-after import` prints it, turned into an ONNX model with given weights.

Covers the operators of the shipped networks over one, two or three axes, but not given filters, whose values the dump
does not hold. ONNX keeps channels first and filters as {filters, channels, window...}; Kiln keeps channels last and
filters as {window..., channels, filters}.
"""
import re

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

LINE = re.compile(r"%(\d+) = (\w+) ?([^:]*) : ([\dx]+)  # (.*)")


def parse(dump):
    """[(id, operator, operand ids, {attribute: text}, dims, name)], [(name, id) of each output]."""
    nodes, outputs = [], []
    for line in dump.splitlines():
        found = LINE.match(line.strip())
        if found:
            number, kind, rest, shape, name = found.groups()
            attributes = dict(re.findall(r"(\w+)=([\w.,+-]+)", rest))
            attributes.update((word, "1") for word in rest.split() if word in ("flip", "count_padding"))
            operands = [int(i) for i in re.findall(r"%(\d+)", rest)]
            nodes.append((int(number), kind, operands, attributes, [int(e) for e in shape.split("x")], name))
        elif line.strip().startswith("output"):
            outputs.append((line.split('"')[1], int(line.split("%")[1])))
    return nodes, outputs


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


ELEMENTWISE = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "add": "Add", "multiply": "Mul"}


def channels_first(rank):
    """The permutation of axes, and its inverse."""
    first = [0, rank - 1, *range(1, rank - 1)] if rank > 2 else list(range(rank))
    return first, np.argsort(first).tolist()


def per_axis(attributes, name, otherwise, axes):
    values = [int(v) for v in attributes.get(name, str(otherwise)).split("x")]
    return values * axes if len(values) == 1 else values


def sliding(attributes, axes):
    """ONNX's attributes of a convolution's or a pool's window."""
    each = lambda name, otherwise: per_axis(attributes, name, otherwise, axes)
    pads = [[p + q for p, q in zip(each("pad", 0), each(side, 0))] for side in ("pad_before", "pad_after")]
    return dict(kernel_shape=each("window", 1), strides=each("stride", 1), dilations=each("dilation", 1),
                pads=pads[0] + pads[1])


def onnx_model(nodes, outputs, weights, name):
    made, initializers, graph_inputs = {}, {}, []
    value = {}
    shape_of = {number: shape for number, _, _, _, shape, _ in nodes}
    name_of = {number: label for number, _, _, _, _, label in nodes}

    def constant(array, label):
        initializers[label] = numpy_helper.from_array(np.ascontiguousarray(array), label)
        return label

    def learned(numbers):
        return [constant(weights[name_of[i]], name_of[i]) for i in numbers]

    def emit(kind, inputs, label, **attributes):
        made[label] = helper.make_node(kind, inputs, [label], name=label, **attributes)
        return label

    def tensor(label, shape):
        dims = [shape[i] for i in channels_first(len(shape))[0]]
        return helper.make_tensor_value_info(label, TensorProto.FLOAT, dims)

    def rearranged(x, before, shape, label, kind, **attributes):
        """An operator on axes in Kiln's order, led there and back."""
        if len(before) > 2:
            x = emit("Transpose", [x], label + ".before", perm=channels_first(len(before))[1])
        inputs = [x] if kind == "Transpose" else [x, constant(np.int64(shape), label + ".shape")]
        x = emit(kind, inputs, label + ".last" if len(shape) > 2 else label, **attributes)
        return emit("Transpose", [x], label, perm=channels_first(len(shape))[0]) if len(shape) > 2 else x

    def memory_order(x, shape, label):
        if len(shape) > 2:
            x = emit("Transpose", [x], label + ".last", perm=channels_first(len(shape))[1])
        return emit("Flatten", [x], label + ".flat", axis=1)

    for number, kind, operands, a, shape, label in nodes:
        x = value.get(operands[0]) if operands else None
        axes = len(shape) - 2
        if kind == "input":
            graph_inputs.append(tensor(label, shape))
            value[number] = label
        elif kind == "parameter":
            value[number] = None
        elif kind == "conv":
            filters = weights[name_of[operands[1]]].transpose(axes + 1, axes, *range(axes))
            if "flip" in a:
                filters = np.flip(filters, range(2, axes + 2))
            inputs = [x, constant(filters, name_of[operands[1]]), *learned(operands[2:])]
            value[number] = emit("Conv", inputs, label, group=int(a.get("groups", 1)), **sliding(a, axes))
        elif kind == "batch_norm":
            value[number] = emit("BatchNormalization", [x, *learned(operands[1:])], label, epsilon=float(a["epsilon"]))
        elif kind == "max_pool":
            value[number] = emit("MaxPool", [x], label, **sliding(a, axes))
        elif kind == "average_pool":
            window = sliding(a, axes)
            window.pop("dilations")  # came to ONNX later
            value[number] = emit("AveragePool", [x], label, count_include_pad=int(a.get("count_padding", 0)), **window)
        elif kind == "upsample":
            scales = constant(np.float32([1, 1] + per_axis(a, "factor", 1, axes)), label + ".scales")
            value[number] = emit("Resize", [x, "", scales], label, mode="nearest", nearest_mode="floor",
                                 coordinate_transformation_mode="asymmetric")
        elif kind == "flatten":
            value[number] = memory_order(x, shape_of[operands[0]], label)
        elif kind == "dense":
            x = memory_order(x, shape_of[operands[0]], label)
            value[number] = emit("Gemm", [x, *learned(operands[1:])], label)
        elif kind == "reshape":
            value[number] = rearranged(x, shape_of[operands[0]], shape, label, "Reshape")
        elif kind == "transpose":
            order = [0] + [int(axis) + 1 for axis in a["order"].split(",")]
            value[number] = rearranged(x, shape_of[operands[0]], shape, label, "Transpose", perm=order)
        elif kind == "clip":
            bounds = [constant(np.float32(a[bound]), f"{label}.{bound}") for bound in ("low", "high")]
            value[number] = emit("Clip", [x, *bounds], label)
        elif kind == "local_response_norm":
            value[number] = emit("LRN", [x], label, size=int(a["size"]),
                                 **{name: float(a[name]) for name in ("alpha", "beta", "bias")})
        elif kind == "concat":
            value[number] = emit("Concat", [value[i] for i in operands], label, axis=1)
        elif kind == "softmax":
            value[number] = emit("Softmax", [x], label, axis=1)
        elif kind == "leaky_relu":
            value[number] = emit("LeakyRelu", [x], label, alpha=float(a["slope"]))
        else:
            value[number] = emit(ELEMENTWISE[kind], [value[i] for i in operands], label)
    results = [tensor(emit("Identity", [value[number]], "output/" + label), shape_of[number])
               for label, number in outputs]
    graph = helper.make_graph(list(made.values()), name, graph_inputs, results, list(initializers.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    checker.check_model(model)
    return model
