// What the random graphs of single operators rarely hold: operands of different kinds and ranks, axes in other orders
// than the one an operator wants, values without a batch where ONNX wants one.
#include <doctest/doctest.h>

#include "exported.hpp"

namespace kiln::testing {
namespace {

using id = graph_builder::id;

id convolved(dice& d, graph_builder& b, id x, int filters) {
    return b.conv(x, {.filters = filters, .slide = square(3, 2, 1, 1, d.roll(0, 1))});
}

id integers_of(graph_builder& b, id x) {
    const id ten = b.constant(dims::of(1), {10});
    return b.apply(op::cast, ops::cast::attributes{element::int64}, {b.multiply(x, ten)});
}

/// An image beside vectors and planes, with and without a batch, known and computed.
ir::graph ranks(dice& d, int batch) {
    graph_builder b("ranks", batch);
    const int channels = d.roll(2, 9);
    id y = convolved(d, b, b.input(dims::of(d.roll(5, 9), 7, 3)), channels);
    const dims s = b.sample(y);
    y = b.add(y, b.parameter(dims::of(channels), role::bias, 1, "vector"));
    y = b.multiply(y, b.whole_input(dims::of(channels)));
    y = b.add(b.whole_input(dims::of(s[1], 1)), y);
    y = b.multiply(y, b.input(dims::of(channels)));
    y = b.add(y, b.parameter(dims::of(s[0], 1, 1), role::bias, 1, "rows"));
    return b.finish({{"image", y}, {"convolved", convolved(d, b, y, 2)}});
}

ir::graph truths(dice& d, int batch) {
    graph_builder b("truths", batch);
    const dims s = random_extents(d, d.roll(1, 4));
    const id x = b.input(s), y = b.input(s);
    const auto compare = [&](binary_function f) { return b.apply(op::binary, ops::binary::attributes{f}, {x, y}); };
    const id above = compare(binary_function::greater), below = compare(binary_function::less);
    const id no = b.apply(op::unary, ops::unary::attributes{unary_function::logical_not}, {above});
    return b.finish(b.apply(op::select, {above, below, no}));
}

/// Zeros among divisors, negative exponents.
ir::graph whole_numbers(dice& d, int) {
    graph_builder b("whole_numbers");
    const element type = d.one_of({element::int64, element::int32});
    const dims s = random_extents(d, 3);
    const id x = b.whole_input(s, type), y = b.whole_input(s, type);
    const auto apply = [&](binary_function f) { return b.apply(op::binary, ops::binary::attributes{f}, {x, y}); };
    const id small = b.apply(op::unary, ops::unary::attributes{unary_function::sign}, {x});
    return b.finish({{"quotient", apply(binary_function::divide)},
                     {"modulo", apply(binary_function::modulo)},
                     {"remainder", apply(binary_function::remainder)},
                     {"power", b.apply(op::binary, ops::binary::attributes{binary_function::power}, {small, y})}});
}

ir::graph real_remainders(dice&, int batch) {
    graph_builder b("real_remainders", batch);
    const id x = b.input(dims::of(50)), y = b.input(dims::of(50));
    const auto apply = [&](binary_function f) { return b.apply(op::binary, ops::binary::attributes{f}, {x, y}); };
    return b.finish({{"modulo", apply(binary_function::modulo)}, {"remainder", apply(binary_function::remainder)}});
}

/// Numbers of their own for every sample, the same for all, and known ones beyond the ends.
ir::graph picking(dice& d, int batch) {
    graph_builder b("picking", batch);
    const id image = convolved(d, b, b.input(dims::of(6, 7, 2)), 4), plane = b.whole_input(dims::of(5, 4));
    const ops::gather::attributes axis{d.roll(0, 1)};
    const ops::gather_elements::attributes elements{axis.axis};
    const id each = integers_of(b, b.input(dims::of(3))), matrix = integers_of(b, b.input(dims::of(5, 4)));
    const id same = b.whole_input(dims::of(5, 4), element::int32);
    return b.finish({{"image", b.apply(op::gather, axis, {image, each})},
                     {"plane", b.apply(op::gather, axis, {plane, each})},
                     {"elements", b.apply(op::gather_elements, elements, {plane, matrix})},
                     {"shared", b.apply(op::gather_elements, elements, {b.input(dims::of(5, 4)), same})},
                     {"row", b.apply(op::gather, axis, {image, b.whole_input(dims::of(9), element::int64)})}});
}

ir::graph joining(dice& d, int batch) {
    graph_builder b("joining", batch);
    const id y = convolved(d, b, b.input(dims::of(6, 7, 2)), 4);
    const int from_last = d.roll(0, 2);
    dims part = b.sample(y);
    part[part.rank - 1 - from_last] = 3;
    const id known = b.parameter(part, role::bias, 1, "part"), whole = b.whole_input(part);
    return b.finish(b.apply(op::concat, ops::concat::attributes{from_last}, {whole, y, known}));
}

ir::graph products(dice& d, int batch) {
    graph_builder b("products", batch);
    const id x = b.input(dims::of(d.roll(1, 5), 4)), stack = b.whole_input(dims::of(2, 4, d.roll(1, 6)));
    const id image = convolved(d, b, b.input(dims::of(6, 7, 2)), 4);
    return b.finish({{"stack", b.apply(op::matmul, {x, stack})},
                     {"image", b.apply(op::matmul, {image, b.whole_input(dims::of(4, 3))})}});
}

/// Transpositions that need no node, and others between operators that want one order.
ir::graph turning(dice& d, int batch) {
    graph_builder b("turning", batch);
    id y = convolved(d, b, b.input(dims::of(6, 7, 2)), 5);
    y = b.apply(op::transpose, ops::transpose::attributes{{2, 0, 1}}, {y});
    const id likely = b.softmax(y);
    y = b.apply(op::transpose, ops::transpose::attributes{{1, 2, 0}}, {b.relu(likely)});
    const id part = b.apply(op::slice, ops::slice::attributes{{1, 2, 4}, {0, 1, -2}, {3, 2, 2}}, {y});
    const id mean = b.apply(op::reduce, ops::reduce::attributes{reduce_function::mean, 3}, {y});
    const id repeated = b.apply(op::slice, ops::slice::attributes{{1, 2, 4}, {1, 0, 0}, {2, 4, 1}}, {y});
    const id nothing = b.apply(op::reduce, ops::reduce::attributes{reduce_function::l1, 0}, {y});
    return b.finish({{"image", convolved(d, b, y, 3)},
                     {"part", part},
                     {"repeated", repeated},
                     {"row", b.dense(b.relu(b.flatten(b.flatten(mean))), 3)},
                     {"turned", b.dense(likely, 4)},
                     {"sizes", nothing}});
}

/// A batch that is not the first axis of the ONNX tensor.
ir::graph late_batch(dice& d, int) {
    graph_builder b("late_batch");
    id x = b.whole_input(dims::of(d.roll(2, 4), d.roll(1, 3), 5));
    x = b.apply(op::transpose, ops::transpose::attributes{{1, 0, 2}}, {x});
    x = b.apply(op::split_batch, {x});
    return b.finish({{"dense", b.dense(b.relu(x), 3)}, {"flat", b.flatten(x)}, {"softmax", b.softmax(x)}});
}

/// Layers on single images.
ir::graph without_batch(dice& d, int) {
    graph_builder b("without_batch");
    const id x = b.whole_input(dims::of(8, 9, 3));
    const ops::window w = random_window(d, b.sample(x));
    return b.finish({{"conv", convolved(d, b, x, 4)},
                     {"max", b.max_pool(x, w)},
                     {"mean", b.average_pool(x, w, d.chance(50))},
                     {"normal", b.batch_norm(x)},
                     {"large", b.upsample(x, {2, 3, 1})},
                     {"slopes", b.prelu(x)},
                     {"response", b.apply(op::local_response_norm,
                                          ops::local_response_norm::attributes{d.roll(1, 6), 1, 0.75F, 1}, {x})},
                     {"dense", b.dense(x, 5)}});
}

/// Outputs that no node makes for them alone.
ir::graph outputs(dice&, int batch) {
    graph_builder b("outputs", batch);
    const id x = b.input(dims::of(4, 5, 2)), y = b.relu(x);
    return b.finish(
        {{"same", x}, {"one", y}, {"two", y}, {"relu1", b.sigmoid(y)}, {"known", b.constant(dims::of(2), {1, 2})}});
}

}  // namespace

#define KILN_MIXTURE(graph) \
    TEST_CASE("exported " #graph " come back as what they were") { check_exports(#graph, graph); }
KILN_MIXTURE(ranks)
KILN_MIXTURE(truths)
KILN_MIXTURE(whole_numbers)
KILN_MIXTURE(real_remainders)
KILN_MIXTURE(picking)
KILN_MIXTURE(joining)
KILN_MIXTURE(products)
KILN_MIXTURE(turning)
KILN_MIXTURE(late_batch)
KILN_MIXTURE(without_batch)
KILN_MIXTURE(outputs)

}  // namespace kiln::testing
