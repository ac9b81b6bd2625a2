#include <fmt/format.h>

#include <protozero/pbf_reader.hpp>

#include <kiln/compiler/onnx/proto.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/utf8.hpp>

namespace kiln::onnx {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

// A message of two bytes becomes a struct of a hundred: without a limit on their number, a file of some megabytes would
// take gigabytes.
constexpr std::size_t most_nodes = 100'000, most_parts = 1'000'000;
// Beyond any name and any tensor there is; messages and layers' names repeat both.
constexpr std::size_t longest_name = 4096, most_axes = 64;

template <class T>
T& add(std::vector<T>& list, T item, std::size_t most, const char* what) {
    if (list.size() >= most) throw error(fmt::format("it has more than {} {}", most, what));
    return list.emplace_back(std::move(item));
}

// protozero trusts that a field is of the type that is read; what a file says has to be looked at first.
pbf_reader& expect(pbf_reader& r, pbf_wire_type type) {
    if (!r.has_wire_type(type)) throw protozero::unknown_pbf_wire_type_exception();
    return r;
}
std::string_view text(pbf_reader& r) {
    const auto view = expect(r, pbf_wire_type::length_delimited).get_view();
    return {view.data(), view.size()};
}
/// A name, which layers, parameters and messages get.
std::string_view name(pbf_reader& r) {
    const std::string_view said = text(r);
    if (said.size() > longest_name)
        throw error(fmt::format("a name has {} bytes, more than {}: {}", said.size(), longest_name, in_quotes(said)));
    return said;
}
pbf_reader message(pbf_reader& r) { return expect(r, pbf_wire_type::length_delimited).get_message(); }
std::int64_t whole(pbf_reader& r) { return expect(r, pbf_wire_type::varint).get_int64(); }
float number(pbf_reader& r) { return expect(r, pbf_wire_type::fixed32).get_float(); }

/// Repeated numbers come packed into one field, or one a field.
template <class T, class One, class Packed>
void append(pbf_reader& r, pbf_wire_type single, std::vector<T>& to, One one, Packed packed) {
    if (r.wire_type() == single)
        to.push_back(static_cast<T>(one()));
    else
        for (const auto value : (expect(r, pbf_wire_type::length_delimited), packed()))
            to.push_back(static_cast<T>(value));
}

void append_integers(pbf_reader& r, std::vector<std::int64_t>& to) {
    append(
        r, pbf_wire_type::varint, to, [&] { return r.get_int64(); }, [&] { return r.get_packed_int64(); });
}
void append_floats(pbf_reader& r, std::vector<float>& to) {
    append(
        r, pbf_wire_type::fixed32, to, [&] { return r.get_float(); }, [&] { return r.get_packed_float(); });
}
void append_doubles(pbf_reader& r, std::vector<double>& to) {
    append(
        r, pbf_wire_type::fixed64, to, [&] { return r.get_double(); }, [&] { return r.get_packed_double(); });
}

void read_external(pbf_reader r, tensor_proto& t) {
    std::string_view key, value;
    while (r.next()) switch (r.tag()) {
            case 1: key = text(r); break;
            case 2: value = text(r); break;
            default: r.skip();
        }
    if (key == "location") t.location = value;
    if (key == "offset") t.offset = value;
    if (key == "length") t.length = value;
}

tensor_proto read_tensor(pbf_reader r) {
    tensor_proto t;
    while (r.next()) switch (r.tag()) {
            case 1: append_integers(r, t.shape); break;
            case 2: t.type = static_cast<data_type>(whole(r)); break;
            case 4: append_floats(r, t.floats); break;
            case 5:
            case 7: append_integers(r, t.integers); break;
            case 8: t.name = name(r); break;
            case 9: t.raw = text(r); break;
            case 10: append_doubles(r, t.doubles); break;
            case 11: append_integers(r, t.integers); break;
            case 13: read_external(message(r), t); break;
            case 14: t.external = whole(r) == 1; break;
            default: r.skip();
        }
    if (t.shape.size() > most_axes)
        throw error(fmt::format("tensor {} has {} axes, more than {}", in_quotes(t.name), t.shape.size(), most_axes));
    return t;
}

attribute_proto read_attribute(pbf_reader r) {
    attribute_proto a;
    while (r.next()) switch (r.tag()) {
            case 1: a.name = name(r); break;
            case 2: a.number = number(r); break;
            case 3: a.integer = whole(r); break;
            case 4: a.text = text(r); break;
            case 5: a.tensor = read_tensor(message(r)); break;
            case 7: append_floats(r, a.numbers); break;
            case 8: append_integers(r, a.integers); break;
            default: r.skip();
        }
    return a;
}

node_proto read_node(pbf_reader r, std::size_t& parts) {
    node_proto n;
    while (r.next()) {
        if (++parts > most_parts) throw error(fmt::format("its nodes have more than {} parts", most_parts));
        switch (r.tag()) {
            case 1: n.inputs.push_back(name(r)); break;
            case 2: n.outputs.push_back(name(r)); break;
            case 3: n.name = name(r); break;
            case 4: n.operation = name(r); break;
            case 5: n.attributes.push_back(read_attribute(message(r))); break;
            case 7: n.domain = name(r); break;
            default: r.skip();
        }
    }
    return n;
}

std::int64_t read_dimension(pbf_reader r) {
    std::int64_t extent = -1;
    while (r.next()) {
        if (r.tag() == 1)
            extent = whole(r);
        else
            r.skip();
    }
    return extent;
}

void read_shape(pbf_reader r, value_proto& v) {
    v.has_shape = true;
    while (r.next()) {
        if (r.tag() == 1)
            add(v.shape, read_dimension(message(r)), most_axes, "axes of one value");
        else
            r.skip();
    }
}

void read_tensor_type(pbf_reader r, value_proto& v) {
    while (r.next()) switch (r.tag()) {
            case 1: v.type = static_cast<data_type>(whole(r)); break;
            case 2: read_shape(message(r), v); break;
            default: r.skip();
        }
}

value_proto read_value(pbf_reader r) {
    value_proto v;
    while (r.next()) {
        if (r.tag() == 1) {
            v.name = name(r);
        } else if (r.tag() == 2) {
            pbf_reader type = message(r);
            while (type.next()) {
                if (type.tag() == 1)
                    read_tensor_type(message(type), v);
                else
                    type.skip();  // a sequence, a map, an optional: its element type stays undefined
            }
        } else {
            r.skip();
        }
    }
    return v;
}

void read_graph(pbf_reader r, model_proto& m) {
    std::size_t parts = 0;
    while (r.next()) switch (r.tag()) {
            case 1: add(m.nodes, read_node(message(r), parts), most_nodes, "nodes"); break;
            case 2: m.graph_name = text(r); break;
            case 5: add(m.initializers, read_tensor(message(r)), most_nodes, "initializers"); break;
            case 11: add(m.inputs, read_value(message(r)), most_nodes, "inputs"); break;
            case 12: add(m.outputs, read_value(message(r)), most_nodes, "outputs"); break;
            default: r.skip();
        }
}

void read_opset(pbf_reader r, model_proto& m) {
    std::string_view domain;
    std::int64_t version = 0;
    while (r.next()) switch (r.tag()) {
            case 1: domain = text(r); break;
            case 2: version = whole(r); break;
            default: r.skip();
        }
    if (domain.empty() || domain == "ai.onnx") m.opset = version;
}

pbf_reader reader_of(byte_view file) { return {reinterpret_cast<const char*>(file.data()), file.size()}; }

}  // namespace

model_proto read_model(byte_view file) try {
    model_proto m;
    bool has_graph = false;
    pbf_reader r = reader_of(file);
    while (r.next()) switch (r.tag()) {
            case 1: m.ir_version = whole(r); break;
            case 7:
                if (has_graph) throw error("it has two graphs");
                read_graph(message(r), m);
                has_graph = true;
                break;
            case 8: read_opset(message(r), m); break;
            default: r.skip();
        }
    if (!has_graph) throw error("it is not an ONNX model: it has no graph");
    if (m.opset == 0) throw error("it is not an ONNX model: it names no operator set");
    return m;
} catch (const protozero::exception&) {
    throw error("it is damaged, or not an ONNX model");
}

tensor_proto read_tensor(byte_view file) try {
    return read_tensor(reader_of(file));
} catch (const protozero::exception&) {
    throw error("it is damaged, or not an ONNX tensor");
}

}  // namespace kiln::onnx
