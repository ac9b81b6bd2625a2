// Operators that pick by numbers. Kiln takes numbers beyond either end as the first or last position; ONNX refuses
// them.
#include <fmt/format.h>

#include <algorithm>

#include <kiln/compiler/onnx/exports.hpp>
#include <kiln/compiler/onnx/importer.hpp>
#include <kiln/dsl/ops/ops.hpp>

namespace kiln::onnx {
namespace {

std::string clamped(exporter& to, ir::node_id indices, const axis_order& order, std::int64_t extent) {
    if (ir::is_weight(to[indices]))
        return to.weight(indices, fmt::format("within {}: {}", extent, fmt::join(order, ",")), [&](tensor t) {
            for (std::int64_t& i : t.integers) i = std::clamp(i, -extent, extent - 1);
            return transposed(t, order);
        });
    const element type = to[indices].type;
    return to.emit("Clip", {to.in_order(indices, order), to.number(static_cast<double>(-extent), type),
                            to.number(static_cast<double>(extent - 1), type)});
}

std::string stretched(exporter& to, const std::string& operand, std::vector<std::int64_t> shape) {
    return to.emit("Expand", {operand, to.integers("shape", std::move(shape))});
}

/// Indices of their own for every sample: one index for each element of the result.
void gather_per_sample(exporter& to, const ir::node& n, std::size_t axis) {
    const ir::node& x = to[n.operands[0]];
    const std::vector<std::int64_t> result = extents_of(n.shape);
    const axis_order order = natural_order(result.size());
    std::string operand = to.aligned(n.operands[0], result.size(), order);
    if (!ir::has_batch(x)) {
        std::vector<std::int64_t> shape = result;
        shape[axis] = x.shape[static_cast<int>(axis) - 1];
        operand = stretched(to, operand, shape);
    }
    std::vector<std::int64_t> along(result.size(), 1);
    along[0] = result[0];
    along[axis] = result[axis];
    const std::int64_t extent = ir::sample_dims(x)[static_cast<int>(axis) - 1];
    const std::string indices =
        to.emit("Reshape", {clamped(to, n.operands[1], {0, 1}, extent), to.integers("shape", along)});
    to.define("GatherElements", {operand, stretched(to, indices, result)}, {{"axis", static_cast<std::int64_t>(axis)}},
              order);
}

}  // namespace

void export_gather(exporter& to, const ir::node& n) {
    const auto own = static_cast<std::size_t>(ir::attributes_of<ops::gather::attributes>(n).axis);
    const std::size_t axis = own + (ir::has_batch(n) ? 1 : 0);
    if (ir::has_batch(to[n.operands[1]])) return gather_per_sample(to, n, axis);
    const ir::node& x = to[n.operands[0]];
    const axis_order order = to.order_of(n.operands[0]);
    to.define(
        "Gather",
        {to.in_order(n.operands[0], order), clamped(to, n.operands[1], {0}, ir::sample_dims(x)[static_cast<int>(own)])},
        {{"axis", place_of(axis, order)}}, order);
}

void export_gather_elements(exporter& to, const ir::node& n) {
    const auto own = static_cast<std::size_t>(ir::attributes_of<ops::gather_elements::attributes>(n).axis);
    const std::size_t axis = own + (ir::has_batch(n) ? 1 : 0);
    const ir::node &x = to[n.operands[0]], &picked = to[n.operands[1]];
    const auto rank = static_cast<std::size_t>(n.shape.rank);
    const bool alike = ir::has_batch(x) == ir::has_batch(picked);
    const axis_order order = alike ? to.order_of(n.operands[0]) : natural_order(rank);
    // Where one of them has no batch, it is the same for every sample.
    const auto whole = [&](const ir::node& operand, const std::string& name) {
        if (ir::has_batch(operand) == ir::has_batch(n)) return name;
        return stretched(to, name, extents_of(prepend(n.shape[0], operand.shape)));
    };
    const auto order_for = [&](const ir::node& operand) {
        return alike ? order : natural_order(static_cast<std::size_t>(operand.shape.rank));
    };
    const std::string operand = whole(x, to.in_order(n.operands[0], order_for(x)));
    const std::int64_t extent = ir::sample_dims(x)[static_cast<int>(own)];
    to.define("GatherElements", {operand, whole(picked, clamped(to, n.operands[1], order_for(picked), extent))},
              {{"axis", place_of(axis, order)}}, order);
}

void export_scatter_elements(exporter& to, const ir::node& n) {
    constexpr std::string_view names[] = {"none", "add", "mul", "max", "min"};
    const auto a = ir::attributes_of<ops::scatter_elements::attributes>(n);
    const auto axis = static_cast<std::size_t>(a.axis) + (ir::has_batch(n) ? 1 : 0);
    const axis_order order = natural_order(static_cast<std::size_t>(n.shape.rank));
    // Where an operand has no batch, it is the same for every sample.
    const auto whole = [&](ir::node_id id, std::string name) {
        const ir::node& operand = to[id];
        if (ir::has_batch(operand) == ir::has_batch(n)) return name;
        return stretched(to, name, extents_of(prepend(n.shape[0], operand.shape)));
    };
    const auto in_own_order = [&](ir::node_id id) {
        return whole(id, to.in_order(id, natural_order(static_cast<std::size_t>(to[id].shape.rank))));
    };
    const ir::node_id indices = n.operands[1];
    const std::string within = clamped(to, indices, natural_order(static_cast<std::size_t>(to[indices].shape.rank)),
                                       ir::sample_dims(n)[a.axis]);
    to.define("ScatterElements", {in_own_order(n.operands[0]), whole(indices, within), in_own_order(n.operands[2])},
              {{"axis", static_cast<std::int64_t>(axis)},
               {"reduction", std::string(names[static_cast<std::size_t>(a.function)])}},
              order);
}

/// The order in which elements come when sorted, and where each element comes in that order: sorting twice.
void export_ranking(exporter& to, const ir::node& n) {
    const auto a = ir::attributes_of<ops::ranking::attributes>(n);
    const axis_order order = to.order_of(n.operands[0]);
    const std::int64_t axis = place_of(static_cast<std::size_t>(a.axis) + (ir::has_batch(n) ? 1 : 0), order);
    const std::string count = to.integers("count", {ir::sample_dims(n)[a.axis]});
    const std::int64_t largest = a.ascending != 0 ? 0 : 1, smallest = 0;
    const std::string sorted =
        to.emit("TopK", {to.in_order(n.operands[0], order), count}, {{"axis", axis}, {"largest", largest}}, true);
    to.define("TopK", {sorted, count}, {{"axis", axis}, {"largest", smallest}}, order, true);
}

}  // namespace kiln::onnx
