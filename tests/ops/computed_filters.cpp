// Filters and vectors that are inputs, or computed, in place of weights: compiled code must agree with the reference,
// and bit for bit with the same network on weights. KILN_CASES sets how many graphs, KILN_SEED where they start.
#include <doctest/doctest.h>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/ir/print.hpp>
#include <kiln/compiler/ops/reference.hpp>

#include "cases.hpp"
#include "compare.hpp"

namespace kiln::testing {
namespace {

/// Weights' values that inputs bring, and the graph that takes them.
struct opened {
    ir::graph graph;
    std::vector<tensor> inputs;
};

/// A tensor with its first two axes exchanged.
tensor exchanged(const tensor& t) {
    tensor r = t;
    std::swap(r.shape[0], r.shape[1]);
    const std::int64_t rows = t.shape[0], columns = t.shape[1];
    const auto inner = static_cast<std::int64_t>(t.size()) / (rows * columns);
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j)
            std::copy_n(t.values.begin() + (i * columns + j) * inner, inner, r.values.begin() + (j * rows + i) * inner);
    return r;
}

ir::node node_of(const ir::graph& g, op kind, const attribute_words& words, ir::node_id operand) {
    ir::node n = ir::computed(g, kind, words, {operand});
    n.name = "opened" + std::to_string(g.size());
    return n;
}

/// `g` with inputs for parameters. Some come as they are, some transposed, which a view turns back, and some are
/// computed from their negatives.
opened open_parameters(const ir::graph& g, const std::vector<tensor>& inputs, dice& d) {
    opened made;
    made.graph.name = g.name;
    made.graph.batch = g.batch;
    std::vector<ir::node_id> now;
    std::size_t next = 0;
    for (const ir::node& from : g.nodes) {
        ir::node n = from;
        for (ir::node_id& o : n.operands) o = now[static_cast<std::size_t>(o)];
        if (n.kind == op::input) made.inputs.push_back(inputs[next++]);
        if (n.kind != op::parameter) {
            now.push_back(made.graph.size());
            made.graph.nodes.push_back(std::move(n));
            continue;
        }
        tensor value = *from.value;
        const int form = d.roll(0, 2);
        const bool turned = form == 1 && value.shape.size() > 1;
        if (turned) value = exchanged(value);
        if (form == 2)
            for (float& v : value.values) v = -v;
        n = {op::input, {}, {}, {}, from.name, nullptr, element::float32, true};
        n.shape.rank = from.shape.rank;
        for (int axis = 0; axis < n.shape.rank; ++axis)
            n.shape[axis] = static_cast<std::int32_t>(value.shape[static_cast<std::size_t>(axis)]);
        made.graph.nodes.push_back(n);
        made.inputs.push_back(std::move(value));
        const ir::node_id whole = made.graph.size() - 1;
        if (turned) {
            ops::transpose::attributes a;
            for (std::size_t axis = 0; axis < a.order.size(); ++axis) a.order[axis] = static_cast<std::int32_t>(axis);
            std::swap(a.order[0], a.order[1]);
            for (auto axis = static_cast<std::size_t>(n.shape.rank); axis < a.order.size(); ++axis) a.order[axis] = 0;
            made.graph.nodes.push_back(node_of(made.graph, op::transpose, pack(a), whole));
        } else if (form == 2) {
            made.graph.nodes.push_back(
                node_of(made.graph, op::unary, pack(ops::unary::attributes{unary_function::negate}), whole));
        }
        now.push_back(made.graph.size() - 1);
    }
    for (const ir::output& o : g.outputs) made.graph.outputs.push_back({o.name, now[static_cast<std::size_t>(o.node)]});
    return made;
}

void check_one(ir::graph g, std::uint32_t seed) {
    bind_random(g, seed);
    const std::vector<tensor> inputs = random_inputs(g, seed + 1);
    dice d{std::mt19937(seed)};
    const opened open = open_parameters(g, inputs, d);
    ir::verify(open.graph);
    const std::vector<tensor> expected = compiler::run_reference(g, inputs);
    compiler::compile_options options;
    options.plan.precision = schedules::precision::strict;
    const compiler::model closed(compiler::compile_graph(g, options));
    const compiler::model m(compiler::compile_graph(open.graph, options));
    const std::vector<tensor> same = closed(inputs);
    for (const int threads : {1, 2}) {
        m.set_threads(threads);
        const std::vector<tensor> found = m(open.inputs);
        for (std::size_t i = 0; i < found.size(); ++i) {
            INFO("seed ", seed, ", ", threads, " threads, output ", i, " of\n", ir::print(open.graph));
            REQUIRE(found[i].shape == expected[i].shape);
            CHECK(relative_difference(found[i], expected[i]) < 1e-5);
            CHECK(relative_difference(found[i], same[i]) < 1e-5);  // what is folded into weights rounds otherwise
        }
    }
}

}  // namespace

TEST_CASE("filters and vectors that are inputs or computed serve like weights") {
    const int cases = setting("KILN_CASES", 6), first = setting("KILN_SEED", 4000);
    for (int i = 0; i < cases; ++i) {
        const auto seed = static_cast<std::uint32_t>(first + i);
        dice d{std::mt19937(seed)};
        for (auto* make : {random_conv, random_conv, random_dense, random_batch_norm, random_prelu})
            check_one(make(d, d.one_of({1, 2, 3})), seed);
    }
}

TEST_CASE("a layer's input may be a constant where its filter is none") {
    graph_builder b("constant_input", 2);
    std::vector<float> values(5 * 5 * 3);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 7) - 3;
    const auto x = b.constant(dims::of(5, 5, 3), values), w = b.whole_input(dims::of(3, 3, 3, 4));
    const ops::conv::attributes a{.filters = 4, .slide = square(3, 2, 1, 1, 1), .groups = 1, .flip = 0};
    const auto row = b.whole_input(dims::of(100, 6));
    const auto y = b.apply(op::conv, a, {x, w});
    const auto z = b.apply(op::dense, ops::dense::attributes{6}, {y, row});
    const auto g = b.finish({{"y", y}, {"z", z}});
    const std::vector<tensor> inputs = random_inputs(g, 5), expected = compiler::run_reference(g, inputs);
    const compiler::model m(compiler::compile_graph(g, {}));
    const std::vector<tensor> found = m(inputs);
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(relative_difference(found[i], expected[i]) < 1e-5);
}

}  // namespace kiln::testing
