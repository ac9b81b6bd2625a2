#include <doctest/doctest.h>

#include <kiln/compiler/ir/verify.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/compiler/passes/slide_over.hpp>
#include <kiln/tests/graph_builder.hpp>

using namespace kiln;
using namespace kiln::testing;

namespace {

/// The course's classifier: 14x14x3 to four classes, by a convolution, a pool and three dense layers.
ir::graph classifier() {
    graph_builder b;
    auto x =
        b.max_pool(b.relu(b.conv(b.input(dims::of(14, 14, 3)), {.filters = 16, .slide = square(5)})), square(2, 2, 2));
    x = b.relu(b.dense(b.flatten(x), 40));
    x = b.relu(b.batch_norm(b.dense(x, 30)));
    ir::graph g = b.finish({{"scores", b.softmax(b.dense(x, 4))}, {"hidden", x}});
    bind_random(g, 3);
    return g;
}

/// What `g` says of `image`, extents and values.
std::vector<tensor> of(const ir::graph& g, const tensor& image) { return compiler::run_reference(g, {image}); }

tensor part_of(const tensor& image, std::int64_t top, std::int64_t left, std::int64_t size) {
    tensor part{{1, size, size, image.shape[3]}, {}};
    for (std::int64_t y = top; y < top + size; ++y)
        for (std::int64_t x = left; x < left + size; ++x)
            for (std::int64_t c = 0; c < image.shape[3]; ++c)
                part.values.push_back(
                    image.values[static_cast<std::size_t>((y * image.shape[2] + x) * image.shape[3] + c)]);
    return part;
}

/// Every answer of `g` slid over `extent` must be the one it gives for the window there, `step` cells apart.
void check_windows(const ir::graph& g, int window, int extent, int channels, int step, int cells) {
    const ir::graph slid = passes::slide_over(g, dims::of(extent, extent, channels));
    ir::verify(slid);
    for (const ir::node& n : slid.nodes) CHECK((n.kind != op::dense && n.kind != op::flatten));
    const tensor image = random_tensor(dims::of(1, extent, extent, channels), 9);
    const std::vector<tensor> all = of(slid, image);
    for (std::size_t output = 0; output < all.size(); ++output) {
        const std::int64_t values = all[output].shape[3];
        REQUIRE(all[output].shape == std::vector<std::int64_t>{1, cells, cells, values});
        for (int y = 0; y < cells; ++y)
            for (int x = 0; x < cells; ++x) {
                const tensor one = of(g, part_of(image, y * step, x * step, window))[output];
                REQUIRE(one.values.size() == static_cast<std::size_t>(values));
                for (std::int64_t v = 0; v < values; ++v)
                    CHECK(all[output].values[static_cast<std::size_t>((y * cells + x) * values + v)] ==
                          doctest::Approx(one.values[static_cast<std::size_t>(v)]).epsilon(1e-5));
            }
    }
}

std::string refusal_of(const ir::graph& g, const dims& over) {
    try {
        passes::slide_over(g, over);
    } catch (const error& e) {
        return e.what();
    }
    return "taken";
}

}  // namespace

TEST_CASE("a classifier slides over larger images: the course's 14x14, 16x16 and 28x28") {
    check_windows(classifier(), 14, 14, 3, 2, 1);
    check_windows(classifier(), 14, 16, 3, 2, 2);
    check_windows(classifier(), 14, 28, 3, 2, 8);
}

TEST_CASE("a global pooling slides a cell at a time, whatever its stride was") {
    graph_builder b;
    auto x = b.relu(b.conv(b.input(dims::of(8, 8, 2)), {.filters = 5, .slide = square(3)}));
    x = b.average_pool(x, square(6, 2, 6));
    ir::graph g = b.finish(b.dense(x, 3));
    bind_random(g, 3);
    check_windows(g, 8, 11, 2, 1, 4);
}

TEST_CASE("weights without values keep their names and take the shape of filters") {
    graph_builder b;
    const ir::graph g = b.finish(b.dense(b.input(dims::of(5, 4, 3)), 7));
    const ir::graph slid = passes::slide_over(g, dims::of(6, 9, 3));
    const auto named = [&](const std::string& name) {
        return std::find_if(slid.nodes.begin(), slid.nodes.end(), [&](const ir::node& n) { return n.name == name; });
    };
    CHECK(named("dense1.weight")->shape == dims::of(5, 4, 3, 7));
    CHECK(slid[slid.outputs[0].node].shape == dims::of(1, 2, 6, 7));
}

TEST_CASE("what cannot slide is named") {
    const ir::graph g = classifier();
    CHECK(refusal_of(g, dims::of(13, 28, 3)) ==
          "'test' takes 14x14x3: it can slide over inputs of as many axes and channels, and no smaller, not over "
          "13x28x3");
    CHECK(refusal_of(g, dims::of(28, 28, 1)).find("not over 28x28x1") != std::string::npos);
    graph_builder two;
    const ir::graph sum = two.finish(two.add(two.input(dims::of(4, 4, 1)), two.input(dims::of(4, 4, 1))));
    CHECK(refusal_of(sum, dims::of(8, 8, 1)) == "'test' has 2 inputs: a classifier that slides has one");
    graph_builder turned;
    const ir::graph transposed = turned.finish(
        turned.apply(op::transpose, ops::transpose::attributes{{1, 0, 2}}, {turned.input(dims::of(4, 4, 1))}));
    CHECK(refusal_of(transposed, dims::of(8, 8, 1)) ==
          "'test' cannot slide over 8x8x1: transpose 'transpose1' depends on the extents of its input");
    graph_builder flat;
    const ir::graph norm = flat.finish(flat.batch_norm(flat.flatten(flat.input(dims::of(4, 4, 1)))));
    CHECK(refusal_of(norm, dims::of(8, 8, 1)) ==
          "'test' cannot slide over 8x8x1: batch_norm 'batch_norm1' works on the channels of a flattened tensor");
}
