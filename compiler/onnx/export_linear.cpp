// Operators that sum over axes.
#include <kiln/compiler/onnx/exports.hpp>
#include <kiln/compiler/onnx/importer.hpp>
#include <kiln/dsl/ops/ops.hpp>

namespace kiln::onnx {
namespace {

/// The value that a chain of flattenings begins with: a dense layer reads in memory order anyway.
ir::node_id before_flattening(const exporter& to, ir::node_id id) {
    while (to[id].kind == op::flatten) id = to[id].operands[0];
    return id;
}

}  // namespace

/// The rows of the weights take the order in which the input is flattened.
void export_dense(exporter& to, const ir::node& n) {
    const ir::node_id input = before_flattening(to, n.operands[0]);
    const ir::node& x = to[input];
    const bool batch = ir::has_batch(x);
    axis_order order = to.order_of(input);
    if (batch && order[0] != 0) order = channels_first_order(x);
    if (!ir::is_weight(to[n.operands[1]])) order = natural_order(order.size());  // rows that are computed stay
    std::string row = to.in_order(input, order);
    if (!batch)
        row = to.emit("Reshape", {row, to.integers("shape", {1, x.shape.volume()})});
    else if (x.shape.rank > 2)
        row = to.emit("Flatten", {row}, {{"axis", 1}});
    axis_order rows;  // and the units behind them
    for (const std::size_t axis : order)
        if (!batch || axis > 0) rows.push_back(axis - (batch ? 1 : 0));
    rows.push_back(rows.size());
    std::vector<std::int64_t> split = extents_of(ir::sample_dims(x));
    split.push_back(n.shape.channels());
    const auto turn = [&](tensor w) {
        const std::vector<std::int64_t> shape = w.shape;
        w.shape = split;
        w = transposed(w, rows);
        w.shape = shape;
        return w;
    };
    const bool kept = rows == natural_order(rows.size());
    std::vector<std::string> inputs{
        row, kept ? to.in_order(n.operands[1], {0, 1})
                  : to.weight(n.operands[1], "rows of " + shape_text(arranged(split, rows)), turn)};
    if (n.operands.size() > 2) inputs.push_back(to.in_order(n.operands[2], {0}));
    if (batch) return to.define("Gemm", inputs, {}, {0, 1});
    to.define("Reshape", {to.emit("Gemm", inputs), to.integers("shape", {n.shape[0]})}, {}, {0});
}

void export_matmul(exporter& to, const ir::node& n) {
    const auto rank = static_cast<std::size_t>(n.shape.rank);
    const axis_order order = natural_order(rank);
    to.define("MatMul", {to.aligned(n.operands[0], rank, order), to.aligned(n.operands[1], rank, order)}, {}, order);
}

void export_softmax(exporter& to, const ir::node& n) {
    const axis_order order = to.order_of(n.operands[0]);
    const std::int64_t channels = place_of(order.size() - 1, order);
    to.define("Softmax", {to.in_order(n.operands[0], order)}, {{"axis", channels}}, order);
}

void export_reduce(exporter& to, const ir::node& n) {
    constexpr std::string_view names[] = {"ReduceSum",    "ReduceMean",     "ReduceMax", "ReduceMin",
                                          "ReduceProd",   "ReduceL1",       "ReduceL2",  "ReduceSumSquare",
                                          "ReduceLogSum", "ReduceLogSumExp"};
    static_assert(std::size(names) == reduce_names.size());
    const auto a = ir::attributes_of<ops::reduce::attributes>(n);
    const ir::node& x = to[n.operands[0]];
    const axis_order order = to.order_of(n.operands[0]);
    std::string operand = to.in_order(n.operands[0], order);
    std::vector<std::int64_t> axes;
    for (std::size_t axis = 0; axis < order.size(); ++axis) {
        const int own = static_cast<int>(axis) - (ir::has_batch(x) ? 1 : 0);
        if (own >= 0 && a.has(own)) axes.push_back(place_of(axis, order));
    }
    std::int64_t keeps = 1;
    if (axes.empty()) {  // to ONNX that means all axes: one more, of extent 1, is reduced instead
        std::vector<std::int64_t> longer = arranged(extents_of(x.shape), order);
        longer.push_back(1);
        axes.push_back(static_cast<std::int64_t>(order.size()));
        keeps = 0;
        operand = to.emit("Reshape", {operand, to.integers("shape", longer)});
    }
    const std::string_view name = names[static_cast<std::size_t>(a.function)];
    to.define(name, {operand, to.integers("axes", axes)}, {{"keepdims", keeps}}, order);
}

}  // namespace kiln::onnx
