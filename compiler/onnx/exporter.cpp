#include <kiln/compiler/onnx/exporter.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include <kiln/compiler/onnx/importer.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::onnx {
namespace {

/// Whether a value's elements lie in the same sequence in both orders: axes of extent 1 may be anywhere.
bool same_memory(const dims& shape, axis_order a, axis_order b) {
    const auto one = [&](std::size_t axis) { return shape[static_cast<int>(axis)] == 1; };
    std::erase_if(a, one);
    std::erase_if(b, one);
    return a == b;
}

/// The order in which the model's inputs and outputs are.
axis_order port_order(const ir::node& n) {
    return ir::has_batch(n) ? channels_first_order(n) : natural_order(static_cast<std::size_t>(n.shape.rank));
}

}  // namespace

axis_order natural_order(std::size_t rank) {
    axis_order order(rank);
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
}

axis_order channels_first_order(const ir::node& n) {
    axis_order order = natural_order(static_cast<std::size_t>(n.shape.rank));
    const auto channels = ir::has_batch(n) ? 1 : 0;
    if (n.shape.rank > channels + 1) std::rotate(order.begin() + channels, order.end() - 1, order.end());
    return order;
}

std::int64_t place_of(std::size_t axis, const axis_order& order) {
    return std::ranges::find(order, axis) - order.begin();
}

std::vector<std::int64_t> arranged(const std::vector<std::int64_t>& extents, const axis_order& order) {
    std::vector<std::int64_t> result;
    for (const std::size_t axis : order) result.push_back(extents[axis]);
    return result;
}

exporter::exporter(const ir::graph& g) : g_(g), forms_(g.nodes.size()) {
    model_.name = g.name;
    for (const ir::node_id id : g.inputs()) {
        const axis_order order = port_order(g[id]);
        const std::string name = unique(g[id].name.empty() ? "input" : g[id].name);
        forms_[static_cast<std::size_t>(id)].push_back({order, name});
        model_.inputs.push_back({name, g[id].type, arranged(extents_of(g[id].shape), order)});
    }
    // Outputs have their names from the start, so that no other tensor takes one.
    for (const ir::output& o : g.outputs)
        model_.outputs.push_back(
            {unique(o.name), g[o.node].type, arranged(extents_of(g[o.node].shape), port_order(g[o.node]))});
}

std::string exporter::unique(std::string_view wanted) {
    std::string name(wanted);
    if (taken_.emplace(name, 1).second) return name;
    // The count goes on where it was, for thousands of nodes may want one name.
    for (int& copies = taken_.find(wanted)->second;;)
        if (name = fmt::format("{}:{}", wanted, ++copies); taken_.emplace(name, 1).second) return name;
}

axis_order exporter::order_of(ir::node_id id) const {
    return ir::is_weight(g_[id]) ? natural_order(static_cast<std::size_t>(g_[id].shape.rank))
                                 : forms_of(id).front().order;
}

std::string exporter::in_order(ir::node_id id, const axis_order& order) {
    if (ir::is_weight(g_[id])) {
        if (order == order_of(id)) return weight(id, "as it is", nullptr);
        return weight(id, fmt::format("{}", fmt::join(order, ",")),
                      [&](const tensor& t) { return transposed(t, order); });
    }
    for (const form& f : forms_of(id))
        if (f.order == order) return f.name;
    const form& made = forms_of(id).front();
    std::vector<std::int64_t> turn;
    for (const std::size_t axis : order) turn.push_back(place_of(axis, made.order));
    const std::string name = emit("Transpose", {made.name}, {{"perm", turn}});
    forms_[static_cast<std::size_t>(id)].push_back({order, name});
    return name;
}

std::string exporter::in_memory_order(ir::node_id id) {
    const axis_order natural = natural_order(static_cast<std::size_t>(g_[id].shape.rank));
    for (const form& f : forms_of(id))
        if (same_memory(g_[id].shape, f.order, natural)) return f.name;
    return in_order(id, natural);
}

std::string exporter::image(ir::node_id id) {
    const ir::node& n = g_[id];
    const axis_order order = channels_first_order(n);
    const std::string name = in_order(id, order);
    if (ir::has_batch(n)) return name;
    std::vector<std::int64_t> shape = arranged(extents_of(n.shape), order);
    shape.insert(shape.begin(), 1);
    return emit("Reshape", {name, integers("shape", shape)});
}

std::string exporter::aligned(ir::node_id id, std::size_t rank, const axis_order& order) {
    const ir::node& n = g_[id];
    std::vector<std::int64_t> shape = extents_of(n.shape);
    if (shape.size() == rank) return in_order(id, order);
    const bool batch = ir::has_batch(n);
    shape.insert(shape.begin() + (batch ? 1 : 0), rank - shape.size(), 1);
    if (ir::is_weight(n))
        return weight(id, fmt::format("of {}: {}", rank, fmt::join(order, ",")), [&](tensor t) {
            const std::size_t own = t.shape.size();
            t.shape = shape;
            t = transposed(t, order);
            while (t.shape.size() > own && t.shape.front() == 1) t.shape.erase(t.shape.begin());
            return t;
        });
    const axis_order natural = natural_order(rank);
    std::string name = in_order(id, natural_order(static_cast<std::size_t>(n.shape.rank)));
    if (!batch && order == natural) return name;
    name = emit("Reshape", {name, integers("shape", shape)});
    if (order == natural) return name;
    return emit("Transpose", {name}, {{"perm", std::vector<std::int64_t>(order.begin(), order.end())}});
}

std::pair<axis_order, std::vector<std::string>> exporter::aligned_operands(const ir::node& n) {
    const auto rank = static_cast<std::size_t>(n.shape.rank);
    const auto serving = std::ranges::find_if(
        n.operands, [&](ir::node_id o) { return !ir::is_weight(g_[o]) && g_[o].shape.rank == n.shape.rank; });
    const axis_order order = serving == n.operands.end() ? natural_order(rank) : order_of(*serving);
    std::vector<std::string> names;
    for (const ir::node_id o : n.operands) names.push_back(aligned(o, rank, order));
    return {order, names};
}

std::string exporter::weight(ir::node_id id, const std::string& form,
                             const std::function<tensor(const tensor&)>& change) {
    const auto [entry, fresh] = weights_.emplace(std::pair(id, form), std::string());
    if (!fresh) return entry->second;
    const ir::node& n = g_[id];
    if (!n.value) throw error(fmt::format("graph '{}': parameter '{}' has no values yet", g_.name, n.name));
    return entry->second = add_initializer(n.name.empty() ? name_of(n.kind) : n.name,
                                           change ? std::make_shared<const tensor>(change(*n.value)) : n.value);
}

std::string exporter::add_initializer(std::string_view wanted, std::shared_ptr<const tensor> value) {
    const std::string name = unique(wanted);
    model_.initializers.push_back({name, std::move(value)});
    return name;
}

std::string exporter::constant(std::string_view what, tensor value) {
    return add_initializer(fmt::format("{}.{}", label_, what), std::make_shared<const tensor>(std::move(value)));
}

std::string exporter::integers(std::string_view what, std::vector<std::int64_t> values) {
    const auto count = static_cast<std::int64_t>(values.size());
    return constant(what, {{count}, {}, element::int64, std::move(values)});
}

std::string exporter::number(double value, element type) {
    tensor t = zeros({}, type);
    if (type == element::float32)
        t.values[0] = static_cast<float>(value);
    else
        t.integers[0] = static_cast<std::int64_t>(value);
    return constant("number", std::move(t));
}

void exporter::begin(ir::node_id id) {
    current_ = id;
    label_ = g_[id].name.empty() ? std::string(name_of(g_[id].kind)) : g_[id].name;
}

void exporter::put(std::string_view operation, std::vector<std::string> inputs, const std::string& output,
                   std::vector<attribute_record> attributes, bool second) {
    // TopK's first output may not be left out.
    const std::string first = second ? unique(output + ".first") : std::string();
    model_.nodes.push_back({std::string(operation), output, std::move(inputs), output, std::move(attributes), first});
}

std::string exporter::emit(std::string_view operation, std::vector<std::string> inputs,
                           std::vector<attribute_record> attributes, bool second) {
    const std::string output = unique(fmt::format("{}.{}", label_, operation));
    put(operation, std::move(inputs), output, std::move(attributes), second);
    return output;
}

void exporter::define(std::string_view operation, std::vector<std::string> inputs,
                      std::vector<attribute_record> attributes, const axis_order& order, bool second) {
    const std::string output = unique(label_);
    put(operation, std::move(inputs), output, std::move(attributes), second);
    forms_[static_cast<std::size_t>(current_)].push_back({order, output});
}

void exporter::define_image(std::string_view operation, std::vector<std::string> inputs,
                            std::vector<attribute_record> attributes) {
    const ir::node& n = g_[current_];
    const axis_order order = channels_first_order(n);
    if (ir::has_batch(n)) return define(operation, std::move(inputs), std::move(attributes), order);
    const std::string images = emit(operation, std::move(inputs), std::move(attributes));
    define("Reshape", {images, integers("shape", arranged(extents_of(n.shape), order))}, {}, order);
}

void exporter::define_as(ir::node_id operand, const axis_order& order) {
    std::vector<form> forms = forms_of(operand);
    if (ir::is_weight(g_[operand])) forms = {{order_of(operand), in_order(operand, order_of(operand))}};
    for (form& f : forms)
        for (std::size_t& axis : f.order) axis = static_cast<std::size_t>(place_of(axis, order));
    forms_[static_cast<std::size_t>(current_)] = std::move(forms);
}

/// A tensor that a node makes for this output alone gets the output's name; others are copied.
std::string exporter::output_tensor(const ir::output& o, std::map<std::string, std::string>& renamed) {
    label_ = o.name;
    const std::string name = in_order(o.node, port_order(g_[o.node]));
    const bool made = std::ranges::find(model_.nodes, name, &node_record::output) != model_.nodes.end();
    return made && !renamed.contains(name) ? name : emit("Identity", {name});
}

model_record exporter::finish() {
    std::map<std::string, std::string> renamed;
    for (std::size_t i = 0; i < g_.outputs.size(); ++i)
        renamed[output_tensor(g_.outputs[i], renamed)] = model_.outputs[i].name;
    const auto rename = [&](std::string& name) {
        if (const auto found = renamed.find(name); found != renamed.end()) name = found->second;
    };
    for (node_record& n : model_.nodes) {
        rename(n.output);
        std::ranges::for_each(n.inputs, rename);
    }
    remove_unread();
    return std::move(model_);
}

void exporter::remove_unread() {
    std::unordered_set<std::string> read;
    for (const port_record& o : model_.outputs) read.insert(o.name);
    std::vector<node_record> kept;
    for (auto n = model_.nodes.rbegin(); n != model_.nodes.rend(); ++n) {
        if (!read.contains(n->output)) continue;
        read.insert(n->inputs.begin(), n->inputs.end());
        kept.push_back(std::move(*n));
    }
    std::ranges::reverse(kept);
    model_.nodes = std::move(kept);
    std::erase_if(model_.initializers, [&](const initializer_record& i) { return !read.contains(i.name); });
}

}  // namespace kiln::onnx
