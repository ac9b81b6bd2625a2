// Random convolutions with the gradients that compiled code finds, for another program to judge:
//
//   kiln_conv_gradients FOLDER COUNT [SEED]    writes FOLDER/case0.npz, ... and prints a line of integers for each
//
// A line: groups, flip, then for each spatial axis stride, dilation, padding before and after. An archive: x, w, b, the
// weights r of the cost (the mean over the batch of the sum of r * y), and the gradients dx, dw and db.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/passes/differentiate.hpp>
#include <kiln/runtime/npz.hpp>
#include <kiln/tests/ops/cases.hpp>

namespace kiln::testing {
namespace {

ops::conv::attributes random_layer(dice& d, const dims& sample, int groups) {
    ops::conv::attributes a;
    a.groups = groups;
    a.filters = groups * d.roll(1, groups > 8 ? 2 : 8);
    a.slide = random_window(d, sample);
    for (int axis = 0; axis < sample.spatial_rank(); ++axis)  // strides and dilations more often than elsewhere
        if (d.chance(40)) a.slide.stride[static_cast<std::size_t>(axis)] = d.roll(2, 4);
    a.flip = d.chance(20);
    return a;
}

void write_case(const std::string& path, std::uint32_t seed) {
    dice d{std::mt19937(seed)};
    graph_builder b("conv", d.roll(1, 3));
    const int groups = d.one_of({1, 1, 2, 3, 16});
    const auto x = b.input(random_sample(d, d.roll(1, 3), groups * d.roll(1, groups > 8 ? 1 : 6)));
    const ops::conv::attributes a = random_layer(d, b.sample(x), groups);
    const auto y = b.conv(x, a);
    const auto r = b.input(b.sample(y));
    ir::graph g = b.finish({{"cost", b.multiply(y, r)}});
    bind_random(g, seed);
    const ir::node_id w = g[y].operands[1], bias = g[y].operands[2];
    auto [made, gradients] = passes::differentiate(g, g.outputs[0].node, std::vector{x, w, bias});
    made.outputs = {{"dx", gradients[0]}, {"dw", gradients[1]}, {"db", gradients[2]}};
    const std::vector<tensor> inputs = random_inputs(g, seed + 1);
    const std::vector<tensor> found = compiler::model(compiler::compile_graph(made, {}))(inputs);
    write_npz(path, {{"x", inputs[0]},
                     {"r", inputs[1]},
                     {"w", *g[w].value},
                     {"b", *g[bias].value},
                     {"dx", found[0]},
                     {"dw", found[1]},
                     {"db", found[2]}});
    std::printf("%d %d", a.groups, a.flip);
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(b.sample(x).spatial_rank()); ++axis)
        std::printf(" %d %d %d %d", a.slide.stride[axis], a.slide.dilation[axis], a.slide.pad_before[axis],
                    a.slide.pad_after[axis]);
    std::puts("");
}

}  // namespace
}  // namespace kiln::testing

int main(int argc, char** argv) {
    if (argc < 3) return std::fputs("usage: kiln_conv_gradients FOLDER COUNT [SEED]\n", stderr), 2;
    const auto seed = static_cast<std::uint32_t>(argc > 3 ? std::atoi(argv[3]) : 1);
    try {
        for (int i = 0; i < std::atoi(argv[2]); ++i)
            kiln::testing::write_case(std::string(argv[1]) + "/case" + std::to_string(i) + ".npz",
                                      seed + static_cast<std::uint32_t>(i));
    } catch (const std::exception& e) {
        return std::fprintf(stderr, "%s\n", e.what()), 1;
    }
}
