#include <kiln/compiler/onnx/write_proto.hpp>

#include <fmt/format.h>

#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>

#include <limits>

#include <kiln/compiler/onnx/proto.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::onnx {
namespace {

// Field numbers and types are those of onnx.proto (ONNX 1.12, https://onnx.ai).
using protozero::pbf_writer;

void write_attribute(pbf_writer& node, const attribute_record& a) {
    pbf_writer to(node, 5);
    to.add_string(1, a.name);
    if (const auto* integer = std::get_if<std::int64_t>(&a.value)) {
        to.add_int64(3, *integer);
        to.add_enum(20, 2);
    } else if (const auto* number = std::get_if<float>(&a.value)) {
        to.add_float(2, *number);
        to.add_enum(20, 1);
    } else if (const auto* text = std::get_if<std::string>(&a.value)) {
        to.add_bytes(4, *text);
        to.add_enum(20, 3);
    } else {
        for (const std::int64_t i : std::get<std::vector<std::int64_t>>(a.value)) to.add_int64(8, i);
        to.add_enum(20, 7);
    }
}

void write_node(pbf_writer& graph, const node_record& n) {
    pbf_writer to(graph, 1);
    for (const std::string& input : n.inputs) to.add_string(1, input);
    if (!n.first.empty()) to.add_string(2, n.first);
    to.add_string(2, n.output);
    to.add_string(3, n.name);
    to.add_string(4, n.operation);
    for (const attribute_record& a : n.attributes) write_attribute(to, a);
}

void write_port(pbf_writer& graph, protozero::pbf_tag_type tag, const port_record& p) {
    pbf_writer port(graph, tag);
    port.add_string(1, p.name);
    pbf_writer type(port, 2);
    pbf_writer array(type, 1);
    array.add_int32(1, static_cast<std::int32_t>(onnx_type(p.type)));
    std::string shape;
    pbf_writer extents(shape);
    for (const std::int64_t extent : p.shape) {
        pbf_writer dimension(extents, 1);
        dimension.add_int64(1, extent);
    }
    array.add_message(2, shape);  // also where it has no extents: a scalar
}

/// What comes before a message of that many bytes.
void begin_message(std::string& to, std::uint32_t field, std::uint64_t bytes) {
    protozero::add_varint_to_buffer(&to, std::uint64_t{field} << 3 | 2);
    protozero::add_varint_to_buffer(&to, bytes);
}

std::uint64_t bytes_of_values(const tensor& t) { return t.size() * static_cast<std::uint64_t>(bytes_of(t.type)); }

/// An initializer up to where its values begin.
std::string initializer_head(const initializer_record& i) {
    std::string description;
    pbf_writer to(description);
    for (const std::int64_t extent : i.value->shape) to.add_int64(1, extent);
    to.add_int32(2, static_cast<std::int32_t>(onnx_type(i.value->type)));
    to.add_string(8, i.name);
    const std::uint64_t values = bytes_of_values(*i.value);
    begin_message(description, 9, values);
    std::string head;
    begin_message(head, 5, description.size() + values);
    return head + description;
}

}  // namespace

std::int64_t onnx_type(element type) {
    constexpr data_type types[] = {data_type::float32, data_type::int64, data_type::int32, data_type::boolean};
    return static_cast<std::int64_t>(types[static_cast<std::size_t>(type)]);
}

void write_model(const model_record& model, const std::function<void(byte_view)>& write) {
    std::string graph;
    pbf_writer to(graph);
    for (const node_record& n : model.nodes) write_node(to, n);
    to.add_string(2, model.name);
    for (const port_record& p : model.inputs) write_port(to, 11, p);
    for (const port_record& p : model.outputs) write_port(to, 12, p);
    std::vector<std::string> heads;
    std::uint64_t size = graph.size();
    for (const initializer_record& i : model.initializers) {
        heads.push_back(initializer_head(i));
        size += heads.back().size() + bytes_of_values(*i.value);
    }
    std::string start;
    pbf_writer file(start);
    file.add_int64(1, model.ir_version);
    file.add_string(2, "kiln");
    {
        pbf_writer operators(file, 8);
        operators.add_string(1, "");
        operators.add_int64(2, model.opset);
    }
    begin_message(start, 7, size);
    if (start.size() + size > std::numeric_limits<std::int32_t>::max())
        throw error(fmt::format("{} takes {} bytes as an ONNX model, and such a file can hold 2147483647 at most",
                                model.name, start.size() + size));
    write(bytes_of(start));
    write(bytes_of(graph));
    std::vector<std::byte> storage;
    for (std::size_t i = 0; i < heads.size(); ++i) {
        write(bytes_of(heads[i]));
        write(stored(*model.initializers[i].value, storage));
    }
}

}  // namespace kiln::onnx
