// Weights stored as bfloat16 or int8, in every family that has them, under random legal schedules and for several
// targets: what is computed is what the reference makes of the rounded weights. KILN_CASES sets how many graphs,
// KILN_SEED where they start.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/ir/print.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/schedules/direct_conv.hpp>
#include <kiln/schedules/family.hpp>
#include <kiln/schedules/winograd.hpp>

#include "cases.hpp"
#include "compare.hpp"
#include "targets.hpp"

namespace kiln::testing {
namespace {

using schedules::storage;

/// A dense layer or a convolution with enough weights to be narrowed, in a small network.
ir::graph random_weighty(dice& d, int batch) {
    graph_builder b("weighty", batch);
    ir::node_id y = 0;
    if (d.chance(30)) {
        y = b.dense(b.input(dims::of(d.roll(100, 400))), d.roll(45, 130), d.chance(70));
    } else {
        const int rank = d.roll(1, 3), groups = d.one_of({1, 1, 2}), extent = rank == 1 ? 5 : d.one_of({1, 3, 3});
        const int channels = groups * (extent == 1 ? d.one_of({96, 100}) : d.one_of({24, 32, 40}));
        dims sample = random_sample(d, rank, channels);
        for (int axis = 0; axis < rank; ++axis) sample[axis] = std::min(sample[axis], 11);
        y = b.conv(b.input(sample),
                   {.filters = groups * d.one_of({48, 50, 64}),
                    .slide = square(extent, rank, d.one_of({1, 1, 2}), 1, extent / 2),
                    .groups = groups,
                    .flip = d.chance(20)},
                   d.chance(70));
    }
    if (d.chance(30)) y = b.add(y, y);
    if (d.chance(60)) y = b.relu(y);
    return b.finish(y);
}

/// To 8 bits, to nearest, of two to the even one.
float rounded_to_bfloat16(float value) {
    int exponent = 0;
    const float fraction = std::frexp(value, &exponent);
    return std::ldexp(std::nearbyint(std::ldexp(fraction, 8)), exponent - 8);
}

/// What the numbers of a tensor are after they have been stored.
tensor rounded(const tensor& t, storage stored) {
    tensor result = t;
    const auto filters = static_cast<std::size_t>(t.shape.back());
    std::vector<float> largest(filters);
    for (std::size_t i = 0; i < t.size(); ++i)
        largest[i % filters] = std::max(largest[i % filters], std::abs(t.values[i]));
    for (std::size_t i = 0; i < t.size(); ++i) {
        const float scale = largest[i % filters] / 127;
        float& value = result.values[i];
        if (stored == storage::bfloat16) value = rounded_to_bfloat16(value);
        if (stored == storage::int8 && scale > 0) value = std::nearbyint(value / scale) * scale;
    }
    return result;
}

/// How often each family met each storage, Winograd's transformed filters among them, and how often narrow weights were
/// widened first, by parts of the reduction or all at once.
struct census {
    std::map<std::pair<schedules::packing::kind, storage>, int> stored;
    std::map<bool, int> widened;
};

void check_one(std::uint32_t seed, storage wanted, census& met) {
    dice d{std::mt19937(seed)};
    ir::graph g = random_weighty(d, d.one_of({1, 1, 2}));
    bind_random(g, seed);
    const std::vector<tensor> inputs = random_inputs(g, seed + 1);
    compiler::compile_options options;
    options.target = random_target(d.random);
    options.plan.weights = wanted;
    std::string chosen;
    options.plan.choose = [&](schedules::kernel& k, const schedules::machine& m) {
        auto all = schedules::candidates(k, m, schedules::precision::bounded);
        // Few of them are Winograd's with its smallest tile, the only one whose filters are narrowed once they are
        // transformed, and few widen weights by parts.
        const auto rare = [](const schedules::schedule& how) {
            if (how.which == schedules::family::direct_conv) {
                const auto p = schedules::direct_conv_parameters_of(how);
                return p.widen && p.part > 0;
            }
            const auto p = schedules::winograd_parameters_of(how);
            return how.which == schedules::family::winograd && p.tile == 2 && p.chunk == 0;
        };
        if (d.chance(75) && std::ranges::any_of(all, rare))
            std::erase_if(all, [&](const schedules::schedule& how) { return !rare(how); });
        schedules::set_schedule(k, all[d.random() % all.size()]);
        if (k.how.which == schedules::family::direct_conv) {
            const auto p = schedules::direct_conv_parameters_of(k.how);
            if (p.widen) ++met.widened[p.part > 0];
        }
        chosen += schedules::text_of(k) + "\n";
    };
    const compiler::model m(compiler::compile_graph(g, options));

    ir::graph stored = g;
    double tolerance = 1e-4;
    for (const plan::packed_weight& w : m.plan().weights) {
        ++met.stored[{w.packed.layout, w.packed.stored}];
        if (w.packed.stored == storage::float32) continue;
        for (ir::node& n : stored.nodes)
            if (n.name == w.name && w.packed.layout != schedules::packing::kind::winograd)
                n.value = std::make_shared<const tensor>(rounded(*n.value, w.packed.stored));
        // What is rounded there are frequencies, not weights.
        if (w.packed.layout == schedules::packing::kind::winograd) tolerance = 1e-2;
    }
    const std::vector<tensor> expected = compiler::run_reference(stored, inputs);
    for (const int threads : {1, 2}) {
        m.set_threads(threads);
        const std::vector<tensor> found = m(inputs);
        INFO("seed ", seed, ", ", threads, " threads, of\n", ir::print(g), "for ", options.target, " with\n", chosen);
        CHECK(relative_difference(found.at(0), expected.at(0)) < tolerance);
    }
}

}  // namespace

TEST_CASE("narrow weights are computed with as the numbers they were rounded to") {
    const int cases = setting("KILN_CASES", 14), first = setting("KILN_SEED", 3000);
    census met;
    for (int i = 0; i < cases; ++i)
        for (const storage wanted : {storage::bfloat16, storage::int8})
            check_one(static_cast<std::uint32_t>(first + i), wanted, met);
    CHECK(met.stored[{schedules::packing::kind::filters, storage::bfloat16}] > 0);
    CHECK(met.stored[{schedules::packing::kind::filters, storage::int8}] > 0);
    CHECK(met.widened[false] > 0);
    CHECK(met.widened[true] > 0);
}

// Whether they are transformed when they are packed, in the smallest tile then, or chunk by chunk when they are used.
TEST_CASE("filters of Winograd's convolution may be narrow") {
    graph_builder b("winograd", 1);
    ops::window w;
    for (std::size_t axis = 0; axis < 2; ++axis) w.extent[axis] = 3, w.pad_before[axis] = w.pad_after[axis] = 1;
    ir::graph g = b.finish(b.conv(b.input(dims::of(2, 3, 64)), {.filters = 64, .slide = w}, true));
    bind_random(g, 1);
    const std::vector<tensor> inputs = random_inputs(g, 2);
    for (const auto& [wanted, in_chunks] :
         {std::pair(storage::bfloat16, true), std::pair(storage::int8, true), std::pair(storage::bfloat16, false)}) {
        compiler::compile_options options;
        options.plan.weights = wanted;
        options.plan.choose = [in_chunks = in_chunks](schedules::kernel& k, const schedules::machine& m) {
            for (const schedules::schedule& how : schedules::candidates(k, m, schedules::precision::bounded)) {
                const auto p = schedules::winograd_parameters_of(how);
                if (how.which == schedules::family::winograd && (in_chunks ? p.chunk > 0 : p.chunk == 0 && p.tile == 2))
                    return schedules::set_schedule(k, how);
            }
            schedules::choose(k, m, schedules::precision::bounded);
        };
        const compiler::model m(compiler::compile_graph(g, options));
        const auto layout = in_chunks ? schedules::packing::kind::taps : schedules::packing::kind::winograd;
        ir::graph stored = g;
        int narrow = 0;
        for (const plan::packed_weight& p : m.plan().weights)
            for (ir::node& n : stored.nodes) {
                if (n.name != p.name || p.packed.layout != layout || p.packed.stored != wanted) continue;
                if (in_chunks) n.value = std::make_shared<const tensor>(rounded(*n.value, wanted));
                ++narrow;
            }
        CHECK(narrow == 1);
        // Otherwise what is rounded are frequencies, not weights.
        const double tolerance = in_chunks ? 1e-4 : 1e-2;
        CHECK(relative_difference(m(inputs).at(0), compiler::run_reference(stored, inputs).at(0)) < tolerance);
    }
}

}  // namespace kiln::testing
