#include <kiln/compiler/onnx/importer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include <kiln/compiler/ops/reference.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/utf8.hpp>

namespace kiln::onnx {

const value& node_view::input(std::size_t i) const {
    if (!has_input(i)) throw refusal{fmt::format("input {} is missing", i)};
    return *inputs_[i];
}

value node_view::activation(std::size_t i) const {
    value v = input(i);
    if (v.is_known()) throw refusal{fmt::format("input {} is a constant", i)};
    v.node = to_.image(v);
    v.flattened = -1;
    return v;
}

ir::node_id node_view::plain(std::size_t i) const { return to_.plain(input(i)); }

const constant& node_view::known(std::size_t i) const {
    const value& v = input(i);
    if (!v.is_known()) throw refusal{fmt::format("input {} must be a constant", i)};
    return *v.known;
}

const tensor& node_view::known_floats(std::size_t i) const {
    const constant& c = known(i);
    if (c.integral()) throw refusal{fmt::format("input {} must hold floats", i)};
    if (c.value->values.empty()) throw refusal{fmt::format("input {} has no elements", i)};
    to_.spend(static_cast<std::int64_t>(c.value->size()));  // whoever asks makes weights of it
    return *c.value;
}

std::vector<std::int64_t> node_view::known_integers(std::size_t i) const {
    const constant& c = known(i);
    if (!c.integral()) throw refusal{fmt::format("input {} must hold integers", i)};
    to_.spend(static_cast<std::int64_t>(c.value->size()));
    return c.value->integers;
}

float node_view::known_number(std::size_t i) const {
    const constant& c = known(i);
    if (c.value->size() != 1) throw refusal{fmt::format("input {} must be one number", i)};
    return static_cast<float>(number_at(*c.value, 0));
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

void importer::spend(std::int64_t numbers) {
    if (!allowance_.take(numbers)) throw refusal{"what it makes of constants is too large for a model of so few bytes"};
}

ir::node_id importer::push(ir::node n) {
    spend(static_cast<std::int64_t>((sizeof n + n.name.size()) / sizeof(std::int64_t)));
    g_.nodes.push_back(std::move(n));
    return g_.size() - 1;
}

value importer::add(op kind, const attribute_words& words, std::vector<ir::node_id> operands, const node_view& n) {
    return add(kind, words, std::move(operands), label_of(n.proto()));
}

value importer::add(op kind, const attribute_words& words, std::vector<ir::node_id> operands, std::string_view name) {
    ir::node made;
    try {
        made = ir::computed(g_, kind, words, std::move(operands));
    } catch (const error& e) {
        throw refusal{e.what()};
    }
    const bool folds = std::ranges::all_of(made.operands, [&](auto id) { return g_[id].kind == op::constant; });
    if (folds) {
        std::vector<const tensor*> in;
        std::vector<dims> shapes;
        for (const ir::node_id id : made.operands) {
            in.push_back(g_[id].value.get());
            shapes.push_back(g_[id].shape);
        }
        spend(compiler::folding_work(kind, words, shapes, made.shape));
        const auto result =
            std::make_shared<const tensor>(compiler::evaluate(kind, words, in, ir::sample_dims(made), made.type));
        return {extents_of(made.shape), constant{result}};
    }
    made.name = std::string(name);
    const bool image = ir::has_batch(made);
    const ir::node_id id = push(std::move(made));
    if (image) return {channels_first(g_[id].shape), std::nullopt, id};
    return {extents_of(g_[id].shape), std::nullopt, -1, id};
}

ir::node_id importer::view(op kind, const attribute_words& words, ir::node_id operand) {
    try {
        ir::node made = ir::computed(g_, kind, words, {operand});
        made.name = fmt::format("{} of {}", name_of(kind), g_[operand].name);
        return push(std::move(made));
    } catch (const error& e) {
        throw refusal{e.what()};
    }
}

ir::node_id importer::image(const value& v) {
    if (v.node >= 0 && v.flattened < 0) return v.node;
    if (v.is_known()) throw refusal{"it works on a constant"};
    channels_last(v.shape);  // refuses what is no image
    const ir::node_id from = plain(v);
    // Entries are made once there is something to enter: what is refused on the way may be asked for again.
    if (const auto there = image_of_.find(from); there != image_of_.end()) return there->second;
    ops::transpose::attributes turn;
    const auto rank = static_cast<std::int32_t>(v.rank());
    for (std::int32_t axis = 1; axis < rank; ++axis)
        turn.order[static_cast<std::size_t>(axis)] = axis + 1 < rank ? axis + 1 : 1;
    const ir::node_id turned = rank > 2 ? view(op::transpose, pack(turn), from) : from;
    return image_of_[from] = view(op::split_batch, {}, turned);
}

ir::node_id importer::plain(const value& v) {
    if (v.plain >= 0) return v.plain;
    if (v.is_known()) {
        const tensor* key = v.known->value.get();
        if (const auto there = constant_of_.find(key); there != constant_of_.end()) return there->second;
        return constant_of_[key] = constant_node("constant", v.known->value);
    }
    const ir::node_id from = v.flattened >= 0 ? v.flattened : v.node;
    if (const auto there = plain_of_.find(v.node); there != plain_of_.end()) return there->second;
    const ir::node_id merged = view(op::merge_batch, pack(ops::merge_batch::attributes{g_[from].shape[0]}), from);
    ops::transpose::attributes turn;
    const std::int32_t rank = g_[merged].shape.rank;
    for (std::int32_t axis = 1; axis < rank; ++axis)
        turn.order[static_cast<std::size_t>(axis)] = axis == 1 ? rank - 1 : axis - 1;
    ir::node_id turned = rank > 2 ? view(op::transpose, pack(turn), merged) : merged;
    if (v.flattened >= 0) {
        ops::reshape::attributes row{2, {}};
        row.extents[0] = static_cast<std::int32_t>(v.shape[0]);
        row.extents[1] = static_cast<std::int32_t>(v.shape[1]);
        turned = view(op::reshape, pack(row), turned);
    }
    return plain_of_[v.node] = turned;
}

namespace {

/// A weight's dims; ir::verify refuses those whose extents do not fit.
dims weight_dims(const tensor& values) {
    if (values.shape.size() > max_rank)
        throw refusal{fmt::format("a weight of {} has too many axes", shape_text(values.shape))};
    dims shape;
    for (const std::int64_t e : values.shape) {
        if (e > std::numeric_limits<std::int32_t>::max())
            throw refusal{fmt::format("a weight of {} is too large", shape_text(values.shape))};
        shape[shape.rank++] = static_cast<std::int32_t>(e);
    }
    return shape;
}

}  // namespace

ir::node_id importer::parameter(const node_view& n, std::size_t i, role kind, int fan_in, tensor values) {
    const dims shape = weight_dims(values);
    const attribute_words words = pack(parameter_attributes{kind, std::max(fan_in, 1)});
    std::string name(n.proto().inputs.at(i));
    // A tensor that is read in two ways is two parameters.
    constexpr int most_copies = 64;
    for (int copy = 2;; ++copy) {
        if (copy > most_copies)
            throw refusal{fmt::format("{} is read in more than {} ways", in_quotes(n.proto().inputs[i]), most_copies)};
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
    spend(static_cast<std::int64_t>(values.size()));
    return constant_node(name, std::make_shared<const tensor>(std::move(values)));
}

ir::node_id importer::constant_node(const std::string& name, std::shared_ptr<const tensor> value) {
    const dims shape = weight_dims(*value);
    if (shape.volume() < 1) throw refusal{"it reads a tensor without elements"};
    const element type = value->type;
    return push({op::constant, {}, {}, shape, name, std::move(value), type});
}

std::string_view label_of(const node_proto& n) {
    if (!n.name.empty()) return n.name;
    return n.outputs.empty() ? std::string_view("(no name)") : n.outputs.front();
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
    tensor result{{}, {}, t.type, {}};
    for (std::size_t axis = 0; axis < rank; ++axis) {
        result.shape.push_back(t.shape[order[axis]]);
        step[axis] = stride[order[axis]];
    }
    const bool floats = t.type == element::float32;
    floats ? result.values.reserve(t.size()) : result.integers.reserve(t.size());
    std::int64_t from = 0;
    for (std::size_t i = 0; i < t.size(); ++i) {
        if (floats)
            result.values.push_back(t.values[static_cast<std::size_t>(from)]);
        else
            result.integers.push_back(t.integers[static_cast<std::size_t>(from)]);
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
