// What Kiln reads of an ONNX file (onnx.proto of ONNX 1.12, https://onnx.ai), as plain values. Text and data are views
// of the file's bytes: nothing is copied before it is known to be wanted.
//
// Subgraphs (of If and Loop), functions, sparse tensors and training information are skipped: their nodes are refused
// by name. Reading is therefore not recursive, whatever the file says.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <kiln/runtime/bytes.hpp>

namespace kiln::onnx {

/// TensorProto.DataType.
enum class data_type : std::int32_t {
    undefined = 0,
    float32 = 1,
    uint8 = 2,
    int8 = 3,
    uint16 = 4,
    int16 = 5,
    int32 = 6,
    int64 = 7,
    string = 8,
    boolean = 9,
    float16 = 10,
    float64 = 11,
    uint32 = 12,
    uint64 = 13,
    bfloat16 = 16,
};

struct tensor_proto {
    std::string_view name;
    std::vector<std::int64_t> shape;
    data_type type = data_type::undefined;
    std::string_view raw;                // raw_data
    std::vector<float> floats;           // float_data
    std::vector<std::int64_t> integers;  // int32_data and int64_data
    std::vector<double> doubles;         // double_data
    bool external = false;               // the data lies in a file of its own:
    std::string_view location;           // its path, relative to the model's folder
    std::string_view offset, length;     // decimal numbers, or empty
};

struct attribute_proto {
    std::string_view name;
    float number = 0;            // f
    std::int64_t integer = 0;    // i
    std::string_view text;       // s
    std::vector<float> numbers;  // floats
    std::vector<std::int64_t> integers;
    std::optional<tensor_proto> tensor;
};

struct node_proto {
    std::string_view name, operation, domain;
    std::vector<std::string_view> inputs, outputs;
    std::vector<attribute_proto> attributes;
};

/// A dimension is a number, or -1 where the file gives a symbol or nothing.
struct value_proto {
    std::string_view name;
    data_type type = data_type::undefined;
    std::vector<std::int64_t> shape;
    bool has_shape = false;
};

struct model_proto {
    std::int64_t ir_version = 0, opset = 0;
    std::string_view graph_name;
    std::vector<node_proto> nodes;
    std::vector<tensor_proto> initializers;
    std::vector<value_proto> inputs, outputs;
};

/// Throws kiln::error when the bytes are no ONNX model, or one beyond any sensible size (100,000 nodes).
model_proto read_model(byte_view file);

/// The same for a file that holds one TensorProto, as ONNX's test data does.
tensor_proto read_tensor(byte_view file);

}  // namespace kiln::onnx
