// References on cases small enough to work out by hand.
#include <doctest/doctest.h>

#include <cmath>
#include <kiln/compiler/ops/operator.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/tests/graph_builder.hpp>

using namespace kiln;
using namespace kiln::testing;
using values = std::vector<float>;

namespace {

/// The result of the graph `make(b, x)` on one sample.
template <class Make>
values run(const dims& sample, const values& x, Make make) {
    graph_builder b;
    const auto input = b.input(sample);
    const ir::graph g = b.finish(make(b, input));
    return compiler::run_reference(g, {{extents_of(prepend(1, sample)), x}}).at(0).values;
}

values conv1(const values& x, const values& w, const values& bias, const ops::conv::attributes& a, int channels = 1) {
    const dims sample = dims::of(x.size() / static_cast<std::size_t>(channels), channels);
    return run(sample, x, [&](graph_builder& b, int input) {
        std::vector<int> operands{input, b.constant(ops::conv::weight(a, sample), w)};
        if (!bias.empty()) operands.push_back(b.constant(dims::of(a.filters), bias));
        return b.apply(op::conv, a, operands);
    });
}

ops::window window1(int extent, int stride, int dilation, int before, int after) {
    ops::window w;
    w.extent[0] = extent, w.stride[0] = stride, w.dilation[0] = dilation;
    w.pad_before[0] = before, w.pad_after[0] = after;
    return w;
}

}  // namespace

TEST_CASE("every operator has a reference") {
    for (int o = 0; o < operator_count; ++o) {
        CAPTURE(operator_names[static_cast<std::size_t>(o)]);
        if (is_leaf(static_cast<op>(o)))
            CHECK_THROWS_AS(compiler::row_of(static_cast<op>(o)), std::logic_error);
        else
            CHECK((compiler::row_of(static_cast<op>(o)).reference || compiler::row_of(static_cast<op>(o)).any_type));
    }
}

TEST_CASE("convolution pads, strides, dilates and adds its bias") {
    const values x = {1, 2, 3, 4, 5};
    CHECK(conv1(x, {1, 10}, {}, {.slide = window1(2, 1, 1, 0, 0)}) == values{21, 32, 43, 54});
    CHECK(conv1(x, {1, 10}, {100}, {.slide = window1(2, 2, 1, 0, 0)}) == values{121, 143});
    CHECK(conv1(x, {1, 10}, {}, {.slide = window1(2, 1, 1, 1, 0)}) == values{10, 21, 32, 43, 54});
    CHECK(conv1(x, {1, 10}, {}, {.slide = window1(2, 1, 1, 0, 1)}) == values{21, 32, 43, 54, 5});
    CHECK(conv1(x, {1, 10}, {}, {.slide = window1(2, 1, 3, 0, 0)}) == values{41, 52});
    CHECK(conv1(x, {1, 10}, {}, {.slide = window1(2, 1, 1, 0, 0), .flip = 1}) == values{12, 23, 34, 45});
}

TEST_CASE("convolution in groups keeps them apart") {
    // Two cells of four channels, window 1, two groups of two channels and two filters each.
    const values x = {1, 2, 3, 4, 5, 6, 7, 8};
    const values w = {1, 0, 1, 0,    // first channel of each group, by filter
                      0, 1, 1, 10};  // second
    const ops::conv::attributes a{.filters = 4, .slide = window1(1, 1, 1, 0, 0), .groups = 2};
    CHECK(conv1(x, w, {}, a, 4) == values{1, 2, 7, 40, 5, 6, 15, 80});
    // Depthwise: a filter for each channel.
    CHECK(conv1({1, 2, 3, 4}, {1, 10, 1, 10}, {}, {.filters = 2, .slide = window1(2, 1, 1, 0, 0), .groups = 2}, 2) ==
          values{4, 60});
}

TEST_CASE("average pooling divides by the cells inside the input, or by those in the padding too") {
    const auto average = [](bool count_padding) {
        return run(dims::of(3, 1), {2, 4, 6},
                   [&](graph_builder& b, int x) { return b.average_pool(x, window1(2, 1, 1, 1, 1), count_padding); });
    };
    CHECK(average(false) == values{2, 3, 5, 6});
    CHECK(average(true) == values{1, 3, 5, 3});
}

TEST_CASE("max pooling never takes a padded zero") {
    CHECK(run(dims::of(2, 1), {-3, -5},
              [](graph_builder& b, int x) { return b.max_pool(x, window1(2, 1, 1, 1, 1)); }) == values{-3, -3, -5});
}

TEST_CASE("max pooling's places are the first largest cells, and lead back") {
    const values x = {5, 7, 7, 1, 0, 9};  // windows of 3, one cell of padding: {-, 5, 7}, {7, 7, 1}, {1, 0, 9}
    graph_builder b;
    const auto in = b.input(dims::of(6, 1)), dy = b.input(dims::of(3, 1));
    const ops::window w = window1(3, 2, 1, 1, 0);
    const auto places = b.apply(op::max_pool_place, ops::pool_attributes{w, 0}, {in});
    const auto back = b.apply(op::max_unpool, ops::max_unpool::attributes{w, {6, 1, 1}}, {dy, places});
    const auto found = compiler::run_reference(b.finish({{"places", places}, {"back", back}}),
                                               {{{1, 6, 1}, x}, {{1, 3, 1}, {1, 10, 100}}});
    CHECK(found[0].integers == std::vector<std::int64_t>{1, 1, 5});
    CHECK(found[1].values == values{0, 11, 0, 0, 0, 100});
}

TEST_CASE("a dilated pooling window in padding has no place") {
    graph_builder b;
    const auto in = b.input(dims::of(4, 1)), dy = b.input(dims::of(1, 1));
    const ops::window w = window1(2, 1, 5, 1, 1);
    const auto places = b.apply(op::max_pool_place, ops::pool_attributes{w, 0}, {in});
    const auto back = b.apply(op::max_unpool, ops::max_unpool::attributes{w, {4, 1, 1}}, {dy, places});
    const auto found = compiler::run_reference(b.finish({{"places", places}, {"back", back}}),
                                               {{{1, 4, 1}, {1, 2, 3, 4}}, {{1, 1, 1}, {1}}});
    CHECK(found[0].integers == std::vector<std::int64_t>{-1});
    CHECK(found[1].values == values{0, 0, 0, 0});
}

TEST_CASE("dense reads any rank in memory order") {
    CHECK(run(dims::of(1, 2, 2), {1, 2, 3, 4}, [](graph_builder& b, int x) {
              const int w = b.constant(dims::of(4, 2), {1, 0, 10, 0, 100, 0, 1000, 1});
              return b.apply(op::dense, ops::dense::attributes{2}, {x, w, b.constant(dims::of(2), {0.5F, -1})});
          }) == values{4321.5F, 3});
}

TEST_CASE("batch norm normalises each channel") {
    CHECK(run(dims::of(2, 2), {1, 2, 3, 4}, [](graph_builder& b, int x) {
              const auto vector = [&](values v) { return b.constant(dims::of(2), std::move(v)); };
              return b.apply(op::batch_norm, ops::batch_norm::attributes{0},
                             {x, vector({2, 1}), vector({10, 0}), vector({1, 2}), vector({4, 0.25F})});
          }) == values{10, 0, 12, 4});
}

TEST_CASE("element-wise operators") {
    const values x = {-2, 0, 3};
    const dims three = dims::of(1, 3);
    CHECK(run(three, x, [](graph_builder& b, int i) { return b.relu(i); }) == values{0, 0, 3});
    CHECK(run(three, x, [](graph_builder& b, int i) { return b.leaky_relu(i, 0.5F); }) == values{-1, 0, 3});
    CHECK(run(three, x, [](graph_builder& b, int i) {
              return b.apply(op::clip, ops::clip::attributes{-1, 2}, {i});
          }) == values{-1, 0, 2});
    CHECK(run(three, x, [](graph_builder& b, int i) { return b.add(i, i); }) == values{-4, 0, 6});
    CHECK(run(three, x, [](graph_builder& b, int i) { return b.multiply(i, i); }) == values{4, 0, 9});
    CHECK(run(three, x, [](graph_builder& b, int i) { return b.sigmoid(i); }).at(1) == 0.5F);
    CHECK(run(three, x, [](graph_builder& b, int i) { return b.tanh(i); }).at(2) ==
          doctest::Approx(std::tanh(3.0)).epsilon(1e-7));
}

TEST_CASE("prelu has a slope for each channel") {
    CHECK(run(dims::of(2, 2), {-2, -2, 3, -1}, [](graph_builder& b, int x) {
              return b.apply(op::prelu, {x, b.constant(dims::of(2), {0.5F, -3})});
          }) == values{-1, 6, 3, 3});
}

TEST_CASE("exponential and hard activation functions") {
    const float ln2 = std::log(2.0F);
    const auto at = [](float x, op kind, const auto& attributes) {
        return run(dims::of(1), {x}, [&](graph_builder& b, int i) { return b.apply(kind, attributes, {i}); }).at(0);
    };
    const auto about = [](double y) { return doctest::Approx(y).epsilon(1e-6); };
    const no_attributes none;
    CHECK(at(-ln2, op::elu, ops::elu::attributes{2}) == about(-1));
    CHECK(at(3, op::elu, ops::elu::attributes{2}) == 3);
    CHECK(at(-ln2, op::selu, none) == about(-0.5 * 1.7580993408));
    CHECK(at(2, op::selu, none) == about(2.1014020443));
    CHECK(at(0, op::silu, none) == 0);
    CHECK(at(2 * ln2, op::silu, none) == about(0.8 * 2 * ln2));
    CHECK(at(1, op::gelu, none) == about(0.8413447461));  // the normal distribution at 1
    CHECK(at(-1, op::gelu, none) == about(-0.1586552539));
    const ops::hard_sigmoid::attributes quarter{0.25F, 0.5F};
    CHECK(at(-3, op::hard_sigmoid, quarter) == 0);
    CHECK(at(1, op::hard_sigmoid, quarter) == 0.75F);
    CHECK(at(3, op::hard_sigmoid, quarter) == 1);
    CHECK(at(-4, op::hard_swish, none) == 0);
    CHECK(at(-1.5F, op::hard_swish, none) == -0.375F);
    CHECK(at(4, op::hard_swish, none) == 4);
}

TEST_CASE("softmax works on the channels of every cell and does not overflow") {
    const values y =
        run(dims::of(2, 2), {0, std::log(3.0F), 1000, 1000}, [](graph_builder& b, int x) { return b.softmax(x); });
    CHECK(y.at(0) == doctest::Approx(0.25));
    CHECK(y.at(1) == doctest::Approx(0.75));
    CHECK(y.at(2) == 0.5F);
}

TEST_CASE("local response norm sums squares of neighbours, the odd one after, as far as there are channels") {
    const auto normed = [](const ops::local_response_norm::attributes& a) {
        return run(dims::of(1, 3), {1, 2, 3},
                   [&](graph_builder& b, int x) { return b.apply(op::local_response_norm, a, {x}); });
    };
    CHECK(normed({.size = 3, .alpha = 3, .beta = 1, .bias = 1}) == values{1.0F / 6, 2.0F / 15, 3.0F / 14});
    CHECK(normed({.size = 2, .alpha = 2, .beta = 1, .bias = 1}) == values{1.0F / 6, 2.0F / 14, 3.0F / 10});
    CHECK(normed({.size = 1, .alpha = 1, .beta = 0.5F, .bias = 16}).at(2) == 3.0F / 5);
    CHECK(normed({.size = 99, .alpha = 99, .beta = 0.75F, .bias = 2}) == values{1.0F / 8, 2.0F / 8, 3.0F / 8});
}

TEST_CASE("concat joins channels cell by cell") {
    CHECK(run(dims::of(2, 1), {1, 2}, [](graph_builder& b, int x) {
              return b.concat({x, b.constant(dims::of(2, 2), {10, 20, 30, 40}), x});
          }) == values{1, 10, 20, 1, 2, 30, 40, 2});
}

TEST_CASE("upsample repeats cells") {
    CHECK(run(dims::of(1, 2, 1), {1, 2}, [](graph_builder& b, int x) {
              return b.upsample(x, {2, 2, 1});
          }) == values{1, 1, 2, 2, 1, 1, 2, 2});
}

TEST_CASE("dropout does nothing where a network is run; random numbers are SplitMix64's") {
    CHECK(run(dims::of(3), {1, -2, 3}, [](graph_builder& b, int i) {
              return b.apply(op::dropout, ops::dropout::attributes{0.5F}, {i});
          }) == values{1, -2, 3});
    // With key 0, number n makes the n-th output of a generator that starts at 0: 0xe220a8397b1dcdaf,
    // 0x6e789e6aa1b965f4.
    graph_builder b;
    const ir::graph g = b.finish(b.apply(op::random, {b.whole_input(dims::of(2), element::int64)}));
    CHECK(compiler::run_reference(g, {{{2}, {}, element::int64, {1, 2}}}).at(0).values ==
          values{0xe220a8p-24F, 0x6e789ep-24F});
}

TEST_CASE("a filter's gradient sums products of inputs and what the outputs need, over all samples") {
    const auto gradient = [](const ops::filter_gradient::attributes& a, const dims& x, const values& inputs,
                             const dims& dy, const values& wanted) {
        graph_builder b;
        const auto in = b.whole_input(x), out = b.whole_input(dy);
        const ir::graph g = b.finish(b.apply(op::filter_gradient, a, {in, out}));
        return compiler::run_reference(g, {{extents_of(x), inputs}, {extents_of(dy), wanted}}).at(0).values;
    };
    // Two samples of three cells; a window of two, so two outputs each.
    const auto slides = [](std::int32_t flip) { return ops::filter_gradient::attributes{1, square(2, 1), 1, flip}; };
    CHECK(gradient(slides(0), dims::of(2, 3, 1), {1, 2, 3, 4, 5, 6}, dims::of(2, 2, 1), {1, 10, 100, 1000}) ==
          values{21 + 5400, 32 + 6500});
    CHECK(gradient(slides(1), dims::of(2, 3, 1), {1, 2, 3, 4, 5, 6}, dims::of(2, 2, 1), {1, 10, 100, 1000}) ==
          values{32 + 6500, 21 + 5400});
    // Padded, every other cell: outputs at cells -1 and 1, so that the first tap of the first one meets padding.
    const ops::filter_gradient::attributes strided{1, square(2, 1, 2, 1, 1), 1, 0};
    CHECK(gradient(strided, dims::of(1, 2, 1), {3, 4}, dims::of(1, 2, 1), {1, 10}) == values{40, 3});
    // Two groups: each filter sees its own channel; without spatial axes.
    const ops::filter_gradient::attributes grouped{2, {}, 2, 0};
    CHECK(gradient(grouped, dims::of(2, 2), {1, 2, 3, 4}, dims::of(2, 2), {1, 10, 100, 1000}) == values{301, 4020});
}

TEST_CASE("scatter_elements changes what the indices name, in order; ranking counts what comes before") {
    const auto scattered = [](scatter_function f) {
        graph_builder b;
        const auto x = b.whole_input(dims::of(2, 3)), updates = b.whole_input(dims::of(2, 2));
        const auto indices = b.whole_input(dims::of(2, 2), element::int64);
        const ir::graph g =
            b.finish(b.apply(op::scatter_elements, ops::scatter_elements::attributes{1, f}, {x, indices, updates}));
        return compiler::run_reference(g, {{{2, 3}, {1, 2, 3, 4, 5, 6}},
                                           {{2, 2}, {10, 20, 30, 40}},
                                           {{2, 2}, {}, element::int64, {0, -1, 1, 1}}})
            .at(0)
            .values;
    };
    CHECK(scattered(scatter_function::replace) == values{10, 2, 20, 4, 40, 6});
    CHECK(scattered(scatter_function::add) == values{11, 2, 23, 4, 75, 6});
    CHECK(scattered(scatter_function::multiply) == values{10, 2, 60, 4, 6000, 6});
    CHECK(scattered(scatter_function::maximum) == values{10, 2, 20, 4, 40, 6});
    CHECK(scattered(scatter_function::minimum) == values{1, 2, 3, 4, 5, 6});
    const auto ranks = [](std::int32_t axis, std::int32_t ascending) {
        graph_builder b;
        const auto x = b.whole_input(dims::of(2, 4));
        const ir::graph g = b.finish(b.apply(op::ranking, ops::ranking::attributes{axis, ascending}, {x}));
        return compiler::run_reference(g, {{{2, 4}, {3, 1, 3, 7, 4, 1, 2, 8}}}).at(0).integers;
    };
    using whole = std::vector<std::int64_t>;
    CHECK(ranks(1, 0) == whole{1, 3, 2, 0, 1, 3, 2, 0});
    CHECK(ranks(1, 1) == whole{1, 0, 2, 3, 2, 0, 1, 3});
    CHECK(ranks(0, 0) == whole{1, 0, 0, 1, 0, 1, 1, 0});
}

TEST_CASE("samples of a batch do not mix, and weights serve all of them") {
    const auto make = [](int batch) {
        graph_builder b("net", batch);
        const auto x = b.input(dims::of(5, 4, 3));
        const auto y = b.relu(b.conv(x, {.filters = 2, .slide = square(3)}));
        ir::graph g = b.finish({{"features", y}, {"scores", b.dense(b.flatten(y), 4)}});
        bind_random(g, 3);
        return g;
    };
    const ir::graph two = make(2), one = make(1);
    const tensor x = random_inputs(two, 9).at(0);
    const auto both = compiler::run_reference(two, {x});
    const std::size_t half = x.values.size() / 2;
    for (std::size_t sample = 0; sample < 2; ++sample) {
        const auto begin = x.values.begin() + static_cast<std::ptrdiff_t>(sample * half);
        const auto alone =
            compiler::run_reference(one, {{{1, 5, 4, 3}, {begin, begin + static_cast<std::ptrdiff_t>(half)}}});
        for (std::size_t output = 0; output < 2; ++output) {
            const values& all = both.at(output).values;
            const std::size_t size = all.size() / 2;
            const auto from = all.begin() + static_cast<std::ptrdiff_t>(sample * size);
            CHECK(values(from, from + static_cast<std::ptrdiff_t>(size)) == alone.at(output).values);
        }
    }
}

TEST_CASE("wrong inputs are refused by name and shape") {
    graph_builder b("net");
    const ir::graph g = b.finish(b.relu(b.input(dims::of(2, 3))));
    CHECK_THROWS_WITH_AS(compiler::run_reference(g, {}), "graph 'net' takes 1 inputs, 0 were given", error);
    CHECK_THROWS_WITH_AS(compiler::run_reference(g, {{{1, 3, 2}, values(6)}}),
                         "input 'input' of graph 'net' has shape 1x2x3, but 1x3x2 was given", error);
}

TEST_CASE("a parameter without values is named") {
    graph_builder b("net");
    const ir::graph g = b.finish(b.dense(b.input(dims::of(3)), 2));
    CHECK_THROWS_WITH_AS(compiler::run_reference(g, {{{1, 3}, values(3)}}),
                         "graph 'net': parameter 'dense1.weight' has no values yet", error);
}
