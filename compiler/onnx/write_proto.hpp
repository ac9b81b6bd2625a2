// The inverse of proto.hpp: what Kiln writes of an ONNX model, as plain values, and the bytes they make.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <kiln/runtime/bytes.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::onnx {

struct attribute_record {
    std::string name;
    std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>> value;
};

struct node_record {
    std::string operation, name;
    std::vector<std::string> inputs;  // empty: an optional one that is absent
    std::string output;
    std::vector<attribute_record> attributes;
    std::string first;  // of an operator whose second output it is: the name of the first, which nobody reads
};

struct initializer_record {
    std::string name;
    std::shared_ptr<const tensor> value;
};

struct port_record {
    std::string name;
    element type = element::float32;
    std::vector<std::int64_t> shape;
};

struct model_record {
    std::string name;
    std::int64_t ir_version = 8, opset = 18;
    std::vector<node_record> nodes;
    std::vector<initializer_record> initializers;
    std::vector<port_record> inputs, outputs;
};

/// ONNX's number of the type.
std::int64_t onnx_type(element type);

/// Hands the file's bytes to `write`, piece by piece: weights are not copied. Throws kiln::error before the first piece
/// when the model would be larger than 2 GB, the most that protobuf can hold.
void write_model(const model_record& model, const std::function<void(byte_view)>& write);

}  // namespace kiln::onnx
