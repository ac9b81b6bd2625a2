#include <kiln/compiler/onnx/importer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include <kiln/dsl/ops/ops.hpp>

namespace kiln::onnx {

const value& node_view::input(std::size_t i) const {
    if (!has_input(i)) throw refusal{fmt::format("input {} is missing", i)};
    return *inputs_[i];
}

const value& node_view::activation(std::size_t i) const {
    const value& v = input(i);
    if (v.is_known()) throw refusal{fmt::format("input {} is a constant", i)};
    if (!v.flattened.empty())
        throw refusal{
            "it reads a tensor flattened channels first, which only Gemm and MatMul with constant weights may"};
    return v;
}

const constant& node_view::known(std::size_t i) const {
    const value& v = input(i);
    if (!v.is_known()) throw refusal{fmt::format("input {} must be a constant", i)};
    return *v.known;
}

std::vector<std::int64_t> node_view::known_integers(std::size_t i) const {
    const constant& c = known(i);
    if (!c.integral) throw refusal{fmt::format("input {} must hold integers", i)};
    return c.integers;
}

const attribute_proto* node_view::find(std::string_view attribute) const {
    const auto found = std::ranges::find(proto_.attributes, attribute, &attribute_proto::name);
    return found == proto_.attributes.end() ? nullptr : &*found;
}

std::int64_t node_view::integer(std::string_view attribute, std::int64_t otherwise) const {
    const attribute_proto* a = find(attribute);
    return a ? a->integer : otherwise;
}

float node_view::number(std::string_view attribute, float otherwise) const {
    const attribute_proto* a = find(attribute);
    return a ? a->number : otherwise;
}

std::string_view node_view::text(std::string_view attribute, std::string_view otherwise) const {
    const attribute_proto* a = find(attribute);
    return a ? a->text : otherwise;
}

std::vector<std::int64_t> node_view::integers(std::string_view attribute, std::vector<std::int64_t> otherwise) const {
    const attribute_proto* a = find(attribute);
    return a ? a->integers : std::move(otherwise);
}

std::int64_t node_view::axis_of(std::int64_t axis, std::int64_t rank) {
    if (axis < -rank || axis >= rank) throw refusal{fmt::format("axis {} does not exist in {} axes", axis, rank)};
    return axis < 0 ? axis + rank : axis;
}

ir::node_id importer::push(ir::node n) {
    g_.nodes.push_back(std::move(n));
    return g_.size() - 1;
}

value importer::add(op kind, const attribute_words& words, std::vector<ir::node_id> operands, const node_view& n) {
    std::vector<dims> in;
    for (const ir::node_id id : operands) in.push_back(ir::sample_dims(g_[id]));
    const inferred out = infer(kind, words, in);
    if (!out) {
        std::string shapes;
        for (const dims& d : in) shapes += (shapes.empty() ? "" : ", ") + ir::text_of(d);
        throw refusal{fmt::format("{} (channels last: {})", sentence_of(out.why), shapes)};
    }
    const std::string_view name = n.proto().name.empty() ? n.proto().outputs.at(0) : n.proto().name;
    const ir::node_id id =
        push({kind, words, std::move(operands), prepend(g_.batch, out.shape), std::string(name), nullptr});
    return {channels_first(g_[id].shape), std::nullopt, id, {}};
}

namespace {

/// A weight's dims; ir::verify refuses those whose extents do not fit.
dims weight_dims(const tensor& values) {
    if (values.shape.size() > max_rank)
        throw refusal{fmt::format("a weight of {} has too many axes", shape_text(values.shape))};
    dims shape;
    for (const std::int64_t e : values.shape) shape[shape.rank++] = static_cast<std::int32_t>(e);
    return shape;
}

}  // namespace

ir::node_id importer::parameter(const node_view& n, std::size_t i, role kind, int fan_in, tensor values) {
    const dims shape = weight_dims(values);
    const attribute_words words = pack(parameter_attributes{kind, std::max(fan_in, 1)});
    std::string name(n.proto().inputs.at(i));
    // A tensor that is read in two ways is two parameters.
    for (int copy = 2;; ++copy) {
        const auto found = parameters_.find(name);
        if (found == parameters_.end()) break;
        const ir::node& there = g_[found->second];
        if (there.attributes == words && there.value->shape == values.shape && there.value->values == values.values)
            return found->second;
        name = fmt::format("{}:{}", n.proto().inputs[i], copy);
    }
    const ir::node_id id =
        push({op::parameter, words, {}, shape, name, std::make_shared<const tensor>(std::move(values))});
    parameters_.emplace(name, id);
    return id;
}

ir::node_id importer::constant_node(const std::string& name, tensor values) {
    const dims shape = weight_dims(values);
    return push({op::constant, {}, {}, shape, name, std::make_shared<const tensor>(std::move(values))});
}

std::vector<std::int64_t> channels_first(const dims& d) {
    std::vector<std::int64_t> shape{d[0]};
    if (d.rank > 1) shape.push_back(d[d.rank - 1]);
    for (int axis = 1; axis + 1 < d.rank; ++axis) shape.push_back(d[axis]);
    return shape;
}

dims channels_last(const std::vector<std::int64_t>& shape) {
    if (shape.size() < 2 || shape.size() > 5)
        throw refusal{fmt::format("a tensor of shape {} has {} axes; Kiln takes a batch, channels and up to three more",
                                  shape_text(shape), shape.size())};
    dims d;
    const auto put = [&](std::int64_t extent) {
        if (extent < 1 || extent > std::numeric_limits<std::int32_t>::max())
            throw refusal{fmt::format("the shape {} has an extent Kiln cannot take", shape_text(shape))};
        d[d.rank++] = static_cast<std::int32_t>(extent);
    };
    put(shape[0]);
    for (std::size_t axis = 2; axis < shape.size(); ++axis) put(shape[axis]);
    put(shape[1]);
    return d;
}

tensor transposed(const tensor& t, const std::vector<std::size_t>& order) {
    const std::size_t rank = order.size();
    std::vector<std::int64_t> stride(rank, 1), step(rank), at(rank, 0);
    for (std::size_t axis = rank; axis-- > 1;) stride[axis - 1] = stride[axis] * t.shape[axis];
    tensor result;
    for (std::size_t axis = 0; axis < rank; ++axis) {
        result.shape.push_back(t.shape[order[axis]]);
        step[axis] = stride[order[axis]];
    }
    result.values.reserve(t.values.size());
    std::int64_t from = 0;
    for (std::size_t i = 0; i < t.values.size(); ++i) {
        result.values.push_back(t.values[static_cast<std::size_t>(from)]);
        for (std::size_t axis = rank; axis-- > 0;) {  // the next position, innermost axis first
            from += step[axis];
            if (++at[axis] < result.shape[axis]) break;
            from -= at[axis] * step[axis];
            at[axis] = 0;
        }
    }
    return result;
}

}  // namespace kiln::onnx
