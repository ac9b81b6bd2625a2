#include <doctest/doctest.h>

#include <string>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/schedules/family.hpp>

#include "cases.hpp"
#include "compare.hpp"

namespace kiln::testing {

// Alphas large enough for the window to show in the result; windows wider than the channels, too.
ir::graph random_local_response_norm(dice& d, int batch) {
    graph_builder b("local_response_norm", batch);
    const ops::local_response_norm::attributes a{
        .size = d.chance(80) ? d.roll(1, 9) : d.roll(10, 90),
        .alpha = d.one_of({1e-4F, 0.5F, 8.0F}),
        .beta = d.one_of({0.75F, 0.5F, 1.0F, 0.6F}),
        .bias = d.one_of({1.0F, 2.0F, 0.25F}),
    };
    const auto y = b.apply(op::local_response_norm, a, {random_activation(d, b)});
    return b.finish(d.chance(30) ? b.relu(y) : y);
}

// A window that reaches over the first and the last channel at once, in vectors shorter than it is.
TEST_CASE("local response normalisation over more channels than there are, in vectors of every length") {
    for (const int size : {5, 8, 13}) {
        graph_builder b("wide", 1);
        const auto x = b.input(dims::of(3, 2, 8));
        const ir::graph g = b.finish(b.apply(
            op::local_response_norm,
            ops::local_response_norm::attributes{.size = size, .alpha = 1.0F, .beta = 0.75F, .bias = 1.0F}, {x}));
        const std::vector<tensor> inputs = random_inputs(g, 2), expected = compiler::run_reference(g, inputs);
        for (std::size_t index = 0, all = 1; index < all; ++index) {
            compiler::compile_options options;
            std::string chosen;
            options.plan.choose = [&](schedules::kernel& k, const schedules::machine& m) {
                const auto legal = schedules::candidates(k, m, schedules::precision::strict);
                all = legal.size();
                schedules::set_schedule(k, legal[index]);
                chosen = schedules::text_of(k);
            };
            const compiler::model m(compiler::compile_graph(g, options));
            INFO("size ", size, " with ", chosen);
            CHECK(relative_difference(m(inputs)[0], expected[0]) < 1e-5);
        }
    }
}

}  // namespace kiln::testing
