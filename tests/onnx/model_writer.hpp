// Writes small ONNX models, field by field, good ones and bad ones.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <protozero/pbf_writer.hpp>

namespace kiln::testing {

using extents = std::vector<std::int64_t>;

/// A TensorProto of float32 with raw data.
inline std::string float_tensor(const std::string& name, const extents& shape, const std::vector<float>& values) {
    std::string bytes;
    protozero::pbf_writer w(bytes);
    for (const std::int64_t e : shape) w.add_int64(1, e);
    w.add_int32(2, 1);
    w.add_string(8, name);
    w.add_bytes(9, reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    return bytes;
}

/// A TensorProto of int64.
inline std::string integer_tensor(const std::string& name, const extents& values) {
    std::string bytes;
    protozero::pbf_writer w(bytes);
    w.add_int64(1, static_cast<std::int64_t>(values.size()));
    w.add_int32(2, 7);
    w.add_packed_int64(7, values.begin(), values.end());
    w.add_string(8, name);
    return bytes;
}

/// A TensorProto whose data is said to lie elsewhere.
inline std::string external_tensor(const std::string& name, const extents& shape,
                                   const std::vector<std::pair<std::string, std::string>>& entries) {
    std::string bytes;
    protozero::pbf_writer w(bytes);
    for (const std::int64_t e : shape) w.add_int64(1, e);
    w.add_int32(2, 1);
    w.add_string(8, name);
    for (const auto& [key, value] : entries) {
        protozero::pbf_writer entry(w, 13);
        entry.add_string(1, key);
        entry.add_string(2, value);
    }
    w.add_int32(14, 1);
    return bytes;
}

struct written_node {
    std::string operation;
    std::vector<std::string> inputs, outputs;
    std::vector<std::pair<std::string, extents>> integer_lists{};
    std::vector<std::pair<std::string, std::int64_t>> integers{};
    std::string domain{};
    std::vector<std::pair<std::string, std::string>> texts{};
    std::vector<std::pair<std::string, float>> numbers{};
};

struct written_model {
    std::vector<std::pair<std::string, extents>> inputs;  // an extent of -1 is left open
    std::vector<written_node> nodes;
    std::vector<std::string> outputs, initializers;
    std::int64_t opset = 13;
    std::int32_t input_type = 1;

    std::string bytes() const {
        std::string all;
        protozero::pbf_writer model(all);
        model.add_int64(1, 8);
        {
            protozero::pbf_writer opset_import(model, 8);
            opset_import.add_int64(2, opset);
        }
        protozero::pbf_writer graph(model, 7);
        for (const written_node& n : nodes) write(graph, n);
        graph.add_string(2, "written");
        for (const std::string& t : initializers) graph.add_message(5, t);
        for (const auto& [name, shape] : inputs) write_port(graph, 11, name, shape);
        for (const std::string& name : outputs) write_port(graph, 12, name, {});
        return all;
    }

private:
    static void write(protozero::pbf_writer& graph, const written_node& n) {
        protozero::pbf_writer node(graph, 1);
        for (const std::string& i : n.inputs) node.add_string(1, i);
        for (const std::string& o : n.outputs) node.add_string(2, o);
        node.add_string(3, n.operation + "_" + (n.outputs.empty() ? "" : n.outputs[0]));
        node.add_string(4, n.operation);
        for (const auto& [name, values] : n.integer_lists) {
            protozero::pbf_writer attribute(node, 5);
            attribute.add_string(1, name);
            for (const std::int64_t v : values) attribute.add_int64(8, v);
        }
        for (const auto& [name, v] : n.integers) {
            protozero::pbf_writer attribute(node, 5);
            attribute.add_string(1, name);
            attribute.add_int64(3, v);
        }
        for (const auto& [name, text] : n.texts) {
            protozero::pbf_writer attribute(node, 5);
            attribute.add_string(1, name);
            attribute.add_string(4, text);
        }
        for (const auto& [name, v] : n.numbers) {
            protozero::pbf_writer attribute(node, 5);
            attribute.add_string(1, name);
            attribute.add_float(2, v);
        }
        if (!n.domain.empty()) node.add_string(7, n.domain);
    }

    void write_port(protozero::pbf_writer& graph, protozero::pbf_tag_type tag, const std::string& name,
                    const extents& shape) const {
        protozero::pbf_writer port(graph, tag);
        port.add_string(1, name);
        protozero::pbf_writer type(port, 2);
        protozero::pbf_writer tensor(type, 1);
        tensor.add_int32(1, input_type);
        protozero::pbf_writer dimensions(tensor, 2);
        for (const std::int64_t e : shape) {
            protozero::pbf_writer dimension(dimensions, 1);
            if (e < 0)
                dimension.add_string(2, "n");
            else
                dimension.add_int64(1, e);
        }
    }
};

inline std::vector<float> counting(std::size_t count) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i);
    return values;
}

/// Convolution, pooling, a flattening and a dense layer: 1x2x4x4 -> 1x3.
inline written_model small_model() {
    written_model m;
    m.inputs = {{"image", {1, 2, 4, 4}}};
    m.nodes = {{"Conv", {"image", "w", "b"}, {"c"}, {{"kernel_shape", {3, 3}}, {"pads", {1, 1, 1, 1}}}},
               {"Relu", {"c"}, {"r"}},
               {"MaxPool", {"r"}, {"p"}, {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}}},
               {"Reshape", {"p", "row"}, {"f"}},
               {"Gemm", {"f", "g", "h"}, {"scores"}, {}, {{"transB", 1}}}};
    m.outputs = {"scores"};
    m.initializers = {float_tensor("w", {2, 2, 3, 3}, counting(36)), float_tensor("b", {2}, {1, -1}),
                      integer_tensor("row", {1, -1}), float_tensor("g", {3, 8}, counting(24)),
                      float_tensor("h", {3}, {0, 0, 5})};
    return m;
}

}  // namespace kiln::testing
