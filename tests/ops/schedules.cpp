// Every schedule family with random legal parameters, not only the defaults, against the plain reference. KILN_CASES
// sets how many graphs, KILN_SEED where they start.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/ir/print.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/schedules/conv_variants.hpp>
#include <kiln/schedules/direct_conv.hpp>
#include <kiln/schedules/family.hpp>
#include <kiln/schedules/filter_gradient.hpp>
#include <kiln/schedules/strassen.hpp>
#include <kiln/schedules/winograd.hpp>
#include <kiln/schedules/winograd_rows.hpp>

#include "allocates.hpp"
#include "cases.hpp"
#include "compare.hpp"
#include "targets.hpp"

namespace kiln::testing {
namespace {

/// Convolutions on two axes that Winograd's family takes, with and without depth, in a small network.
ir::graph random_winograd(dice& d, int batch) {
    graph_builder b("winograd", batch);
    const bool deep = d.chance(30);
    const int channels = d.one_of({8, 16, 24, 32, 48, 80}), filters = d.one_of({8, 16, 32, 48, 64});
    const int height = d.roll(1, 29), width = d.roll(1, 29);
    auto x = b.input(deep ? dims::of(d.roll(1, 5), height, width, channels) : dims::of(height, width, channels));
    if (d.chance(50)) x = b.conv(x, {.filters = channels, .slide = {}});
    ops::window w;
    const int first = deep ? 1 : 0;
    if (deep) w.extent[0] = d.roll(1, 3), w.pad_before[0] = w.pad_after[0] = w.extent[0] / 2;
    const int taps = d.chance(30) ? 5 : 3, stride = taps == 3 && d.chance(30) ? 2 : 1;
    for (int axis = first; axis < first + 2; ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        w.extent[a] = taps, w.stride[a] = stride;
        w.pad_before[a] = b.sample(x)[axis] < taps ? taps / 2 : d.roll(0, taps - 1);
        w.pad_after[a] = b.sample(x)[axis] < taps ? taps / 2 : d.roll(0, taps - 1);
    }
    const int groups = channels % 16 == 0 && filters % 16 == 0 && d.chance(30) ? 2 : 1;
    auto y = b.conv(x, {.filters = filters, .slide = w, .groups = groups, .flip = d.chance(20)}, d.chance(70));
    if (filters == channels && b.sample(y) == b.sample(x) && d.chance(60)) y = b.add(y, x);
    if (d.chance(60)) y = b.relu(y);
    return b.finish(y);
}

/// The same with filters that are computed when the network runs, some from what has filters and channels the other way
/// round, as the gradient of a convolution's input reads them.
ir::graph random_computed_winograd(dice& d, int batch) {
    graph_builder b("computed_winograd", batch);
    const int channels = d.one_of({8, 16, 24, 48}), filters = d.one_of({8, 16, 48, 64});
    const auto x = b.input(dims::of(d.roll(1, 15), d.roll(1, 15), channels));
    const bool turned = d.chance(50);
    const int taps = d.chance(30) ? 5 : 3, stride = taps == 3 && d.chance(30) ? 2 : 1;
    auto w = b.whole_input(turned ? dims::of(taps, taps, filters, channels) : dims::of(taps, taps, channels, filters));
    if (turned) w = b.apply(op::transpose, ops::transpose::attributes{.order = {0, 1, 3, 2}}, {w});
    if (d.chance(20)) w = b.apply(op::unary, ops::unary::attributes{unary_function::negate}, {w});
    ops::conv::attributes a{.filters = filters, .slide = {}, .flip = d.chance(50)};
    for (std::size_t axis = 0; axis < 2; ++axis)
        a.slide.extent[axis] = taps, a.slide.stride[axis] = stride,
        a.slide.pad_before[axis] = a.slide.pad_after[axis] = d.roll(taps / 2, taps - 1);
    return b.finish(d.chance(50) ? b.apply(op::conv, a, {x, w})
                                 : b.apply(op::conv, a, {x, w, b.whole_input(dims::of(filters))}));
}

/// Convolutions of Winograd's family and a pooling behind them, whose windows lie inside their tiles.
ir::graph random_pooled_winograd(dice& d, int batch) {
    graph_builder b("pooled_winograd", batch);
    const bool deep = d.chance(20);
    const int channels = d.one_of({8, 16, 32}), filters = d.one_of({8, 16, 32, 48});
    const int height = d.roll(3, 29), width = d.roll(3, 29), pool = d.chance(80) ? 2 : 3;
    auto x = b.input(deep ? dims::of(d.roll(1, 3), height, width, channels) : dims::of(height, width, channels));
    ops::window w, windows;
    const int first = deep ? 1 : 0;
    for (int axis = first; axis < first + 2; ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        w.extent[a] = 3, w.pad_before[a] = w.pad_after[a] = d.roll(1, 2);
        windows.extent[a] = windows.stride[a] = pool;
    }
    auto y = b.conv(x, {.filters = filters, .slide = w, .flip = d.chance(20)}, d.chance(70));
    if (d.chance(60)) y = b.relu(y);
    y = b.max_pool(y, windows);
    if (d.chance(30)) y = b.relu(y);
    if (d.chance(30)) y = b.add(y, b.conv(y, {.filters = filters, .slide = {}}));
    return b.finish(y);
}

/// Convolutions of few channels that are Winograd's along y.
ir::graph random_winograd_rows(dice& d, int batch) {
    graph_builder b("winograd_rows", batch);
    const int channels = d.one_of({1, 2, 3, 6, 8, 12}), filters = d.one_of({8, 16, 24, 32, 48});
    const int height = d.roll(1, 19), width = d.roll(9, 31);
    const bool deep = d.chance(20);
    auto x = b.input(deep ? dims::of(d.roll(1, 3), height, width, channels) : dims::of(height, width, channels));
    if (d.chance(50)) x = b.conv(x, {.filters = channels, .slide = {}});
    ops::window w;
    const int taps = d.chance(50) ? 5 : 3, first = deep ? 1 : 0;
    for (int axis = first; axis < first + 2; ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        w.extent[a] = taps;
        w.pad_before[a] = b.sample(x)[axis] < taps ? taps / 2 : d.roll(0, taps - 1);
        w.pad_after[a] = b.sample(x)[axis] < taps ? taps / 2 : d.roll(0, taps - 1);
    }
    auto y = b.conv(x, {.filters = filters, .slide = w, .flip = d.chance(20)}, d.chance(70));
    if (d.chance(60)) y = b.relu(y);
    if (d.chance(40)) {
        ops::window windows;
        for (int axis = first; axis < first + 2; ++axis)
            windows.extent[static_cast<std::size_t>(axis)] = windows.stride[static_cast<std::size_t>(axis)] =
                b.sample(y)[axis] < 2 ? 1 : 2;
        y = b.max_pool(y, windows);
    }
    return b.finish(y);
}

/// 1x1 convolutions that Strassen's family takes, of any plane, with and without halos and what else is added.
ir::graph random_strassen(dice& d, int batch) {
    graph_builder b("strassen", batch);
    const int channels = d.one_of({32, 64, 96, 128}), filters = d.one_of({32, 64, 96, 160});
    const bool deep = d.chance(20);
    const int height = d.roll(1, 15), width = d.roll(1, 15);
    auto x = b.input(deep ? dims::of(d.roll(1, 3), height, width, channels) : dims::of(height, width, channels));
    if (d.chance(50)) x = b.conv(x, {.filters = channels, .slide = {}});
    ops::window w;
    if (d.chance(20)) w.stride[0] = w.stride[1] = 2;
    if (d.chance(20)) w.pad_before[0] = w.pad_after[1] = 1;
    auto y = b.conv(x, {.filters = filters, .slide = w}, d.chance(70));
    if (filters == channels && b.sample(y) == b.sample(x) && d.chance(60)) y = b.add(y, x);
    if (d.chance(60)) y = b.relu(y);
    return b.finish(y);
}

/// Few filters over wide rows, and what reads them: their values have a plane for each channel.
ir::graph random_narrow(dice& d, int batch) {
    graph_builder b("narrow", batch);
    const bool deep = d.chance(20);
    const int height = d.roll(8, 20), width = d.roll(16, 50);
    const int channels = d.chance(50) ? 1 : d.roll(2, 4);
    auto x = b.input(deep ? dims::of(d.roll(2, 4), height, width, channels) : dims::of(height, width, channels));
    const auto window = [&](int extent, int stride, int pad) {
        ops::window w;
        for (int axis = deep ? 1 : 0; axis < (deep ? 3 : 2); ++axis) {
            const auto a = static_cast<std::size_t>(axis);
            w.extent[a] = extent, w.stride[a] = stride, w.pad_before[a] = w.pad_after[a] = pad;
        }
        return w;
    };
    const auto narrow = [&](int filters) {
        return b.conv(x, {.filters = filters, .slide = window(3, 1, d.roll(0, 1)), .flip = d.chance(20)}, d.chance(70));
    };
    x = narrow(d.roll(1, 7));
    if (d.chance(60)) x = b.relu(x);
    if (d.chance(30)) x = b.add(x, b.relu(x));
    if (d.chance(50))
        x = d.chance(50) ? b.max_pool(x, window(2, 2, 0)) : b.average_pool(x, window(3, 1, 1), d.chance(50));
    return b.finish(d.chance(80) ? narrow(d.roll(1, 20)) : b.relu(x));
}

/// A depthwise convolution and one that mixes its channels, some of them strided.
ir::graph random_separable(dice& d, int batch) {
    graph_builder b("separable", batch);
    const int channels = d.one_of({8, 16, 48, 64, 96, 128, 160});
    const auto x = b.input(dims::of(d.roll(1, 16), d.one_of({1, 7, 16, 20, 28, 56}), channels));
    ops::window w, mixing;
    for (std::size_t axis = 0; axis < 2; ++axis) {
        w.extent[axis] = d.one_of({1, 3, 5});
        w.pad_before[axis] = w.pad_after[axis] = w.extent[axis] / 2;
        w.stride[axis] = d.roll(1, 2), mixing.stride[axis] = d.roll(1, 2);
    }
    auto y = b.conv(x, {.filters = channels, .slide = w, .groups = channels}, d.chance(70));
    if (d.chance(60)) y = b.relu(y);
    return b.finish(b.conv(y, {.filters = d.one_of({16, 33, 64, 96}), .slide = mixing}, d.chance(70)));
}

/// Convolutions of single positions, whose rows can be joined; borders that others read put gaps between the rows they
/// read, write or add.
ir::graph random_mixing(dice& d, int batch) {
    graph_builder b("mixing", batch);
    const bool deep = d.chance(25);
    const int channels = d.one_of({8, 24, 32, 48}), filters = d.chance(50) ? channels : d.one_of({16, 33, 64});
    const int height = d.roll(2, 15), width = d.roll(1, 15);
    ops::window border;
    for (int axis = deep ? 1 : 0; axis < (deep ? 3 : 2); ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        border.extent[a] = 3, border.pad_before[a] = border.pad_after[a] = 1;
    }
    const auto x = b.input(deep ? dims::of(d.roll(2, 4), height, width, channels) : dims::of(height, width, channels));
    const auto from = b.conv(x, {.filters = channels, .slide = border});
    auto y = b.conv(from, {.filters = filters, .slide = {}}, d.chance(70));
    if (filters == channels && d.chance(70)) y = b.add(y, from);
    if (d.chance(60)) y = b.relu(y);
    y = b.conv(y, {.filters = filters, .slide = d.chance(50) ? border : ops::window{}});
    if (filters == channels && d.chance(50)) y = b.add(y, b.conv(from, {.filters = filters, .slide = border}));
    return b.finish(b.conv(y, {.filters = d.one_of({16, 40}), .slide = {}}));
}

/// A filter's gradient over more positions than a part has, of channels and filters that blocks divide evenly.
ir::graph random_gradient_in_parts(dice& d, int batch) {
    graph_builder b("gradient_in_parts", batch);
    const bool deep = d.chance(30);
    const int channels = d.one_of({4, 6, 8, 16, 24}), height = d.roll(6, 14), width = d.roll(6, 14);
    const dims sample = deep ? dims::of(d.roll(2, 4), height, width, channels) : dims::of(height, width, channels);
    ops::conv::attributes a{.filters = d.one_of({8, 16, 24, 32, 64}), .slide = {}};
    for (int axis = 0; axis < (deep ? 3 : 2); ++axis) {
        const auto i = static_cast<std::size_t>(axis);
        a.slide.extent[i] = d.one_of({1, 3}), a.slide.stride[i] = d.chance(20) ? 2 : 1;
        a.slide.pad_before[i] = a.slide.pad_after[i] = a.slide.extent[i] / 2;
    }
    const int samples = d.roll(2, 4);
    const auto x = b.whole_input(prepend(samples, sample));
    const auto dy = b.whole_input(prepend(samples, ops::slide(sample, a.slide, a.filters).shape));
    return b.finish(b.apply(op::filter_gradient, a, {x, dy}));
}

/// How many kernels of each family had parameters that are not the default ones, how many cut their reduction, of
/// convolutions and of filters' gradients, and how many joined rows.
struct census {
    std::map<schedules::family, int> of;
    int parts = 0, gradient_parts = 0, joined = 0, chunks = 0, planar_rows = 0, pooled = 0, pooled_rows = 0, strips = 0;
};

bool adds_parts(const schedules::kernel& k) {
    return k.how.which == schedules::family::filter_gradient &&
           schedules::filter_gradient_parts(k) != schedules::filter_gradient_extents{};
}

bool cuts_reduction(const schedules::schedule& how) {
    return how.which == schedules::family::direct_conv && schedules::direct_conv_parameters_of(how).part > 0;
}

void check_one(const ir::graph& graph, std::uint32_t seed, census& met) {
    ir::graph g = graph;
    bind_random(g, seed);
    const std::vector<tensor> inputs = random_inputs(g, seed + 1);
    const std::vector<tensor> expected = compiler::run_reference(g, inputs);
    std::mt19937 random(seed);
    std::string chosen;
    compiler::compile_options options;
    options.target = random_target(random);
    options.plan.threads = 1 + static_cast<int>(seed % 3);  // with one, the second thread waits for its memory
    options.plan.choose = [&](schedules::kernel& k, const schedules::machine& m) {
        const auto all = schedules::candidates(k, m, schedules::precision::bounded);
        std::size_t index = random() % all.size();
        // Schedules that cut the reduction are few among all, and so are Winograd's of computed filters and of rows:
        // they are looked for.
        const bool computed = k.inputs.size() > 1 && k.inputs[1].is_computed;
        const auto wanted = [&](const schedules::schedule& how) {
            if (computed) return how.which == schedules::family::winograd;
            return how.which == schedules::family::winograd_rows || cuts_reduction(how);
        };
        if (random() % 2)
            for (int again = 0; again < 20 && !wanted(all[index]); ++again) index = random() % all.size();
        schedules::set_schedule(k, all[index]);
        if (index > 0) ++met.of[k.how.which];
        if (cuts_reduction(k.how)) ++met.parts;
        if (k.how.which == schedules::family::winograd && schedules::winograd_parameters_of(k.how).chunk > 0)
            ++met.chunks;
        if (k.how.which == schedules::family::winograd_rows && schedules::winograd_row_of(k).planes > 1)
            ++met.planar_rows;
        if (schedules::joins_rows(k)) ++met.joined;
        if (k.how.which == schedules::family::depthwise_conv && schedules::depthwise_parameters_of(k.how).strip > 0)
            ++met.strips;
        if (k.pool > 1) ++(k.how.which == schedules::family::winograd ? met.pooled : met.pooled_rows);
        if (adds_parts(k)) ++met.gradient_parts;
        chosen += schedules::text_of(k) + "\n";
    };
    const compiler::model m(compiler::compile_graph(g, options));
    for (const schedules::kernel& k : m.plan().kernels) {
        if (k.what != schedules::anchor::operation || seed % 2 != 0) continue;  // of half of them: it takes time
        INFO("seed ", seed, ": ", schedules::text_of(k));
        CHECK_FALSE(allocates(compiler::lower_to_bitcode(k, compiler::resolve_target(options.target), "kernel")));
    }
    for (const int threads : {1, 2}) {
        m.set_threads(threads);
        const std::vector<tensor> found = m(inputs);
        for (std::size_t i = 0; i < found.size(); ++i) {
            INFO("seed ", seed, ", ", threads, " threads, output ", i, " of\n", ir::print(g), "for ", options.target,
                 " with\n", chosen);
            REQUIRE(found[i].shape == expected[i].shape);
            CHECK(relative_difference(found[i], expected[i]) < 1e-4);
        }
    }
}

}  // namespace

TEST_CASE("kernels of every family agree with the reference under random legal schedules") {
    const int cases = setting("KILN_CASES", 8), first = setting("KILN_SEED", 2000);
    census met;
    for (int i = 0; i < cases; ++i) {
        const auto seed = static_cast<std::uint32_t>(first + i);
        dice d{std::mt19937(seed)};
        for (auto* make : {random_winograd,
                           random_winograd,
                           random_computed_winograd,
                           random_narrow,
                           random_narrow,
                           random_separable,
                           random_conv,
                           random_dense,
                           random_max_pool,
                           random_average_pool,
                           random_softmax,
                           random_add,
                           random_local_response_norm,
                           random_filter_gradient,
                           random_gradient_in_parts,
                           random_mixing,
                           random_mixing,
                           random_strassen,
                           random_pooled_winograd,
                           random_pooled_winograd,
                           random_winograd_rows,
                           random_winograd_rows})
            check_one(make(d, d.one_of({1, 1, 2})), seed, met);
    }
    for (const auto which :
         {schedules::family::pointwise, schedules::family::direct_conv, schedules::family::pooling,
          schedules::family::winograd, schedules::family::narrow_conv, schedules::family::depthwise_conv,
          schedules::family::filter_gradient, schedules::family::winograd_filters, schedules::family::strassen,
          schedules::family::winograd_rows})
        CHECK(met.of[which] > 0);
    CHECK(met.parts > 0);
    CHECK(met.chunks > 0);
    CHECK(met.planar_rows > 0);
    CHECK(met.joined > 0);
    CHECK(met.pooled > 0);
    CHECK(met.strips > 0);
    CHECK(met.pooled_rows > 0);
    CHECK(met.gradient_parts > 0);
}

// More blocks of pairs than there are tasks: threads share them, over the planes of all samples.
TEST_CASE("Strassen's blocks of pairs are shared among threads") {
    graph_builder b("blocks", 2);
    ir::graph g = b.finish(b.conv(b.input(dims::of(3, 15, 15, 64)), {.filters = 96, .slide = {}}, true));
    bind_random(g, 1);
    const std::vector<tensor> inputs = random_inputs(g, 2), expected = compiler::run_reference(g, inputs);
    for (const std::int32_t pairs : {7, 16, 113}) {
        compiler::compile_options options;
        options.plan.choose = [&](schedules::kernel& k, const schedules::machine& m) {
            schedules::choose(k, m, schedules::precision::strict);
            if (k.what != schedules::anchor::operation) return;
            schedules::set_schedule(k, schedules::schedule_of(schedules::strassen_parameters{
                                           m.lanes, 16, pairs, std::min(pairs, 6), std::min(6, 678 / pairs), 0}));
        };
        const compiler::model m(compiler::compile_graph(g, options));
        for (const int threads : {1, 2}) {
            m.set_threads(threads);
            CHECK(relative_difference(m(inputs)[0], expected[0]) < 1e-4);
        }
    }
}

// Two blocks of tiles, each transformed once for all threads, which then share its filters: LLVM unrolls the loop over
// the blocks, and every copy needs its scratch.
TEST_CASE("Winograd's filters are shared for several blocks of tiles") {
    graph_builder b("blocks", 1);
    const auto x = b.input(dims::of(4, 8, 8, 16));
    ops::window w;
    for (std::size_t axis = 0; axis < 3; ++axis) w.extent[axis] = 3, w.pad_before[axis] = w.pad_after[axis] = 1;
    ir::graph g = b.finish(b.conv(x, {.filters = 64, .slide = w}, true));
    bind_random(g, 1);
    const std::vector<tensor> inputs = random_inputs(g, 2), expected = compiler::run_reference(g, inputs);
    for (const std::int32_t filters : {16, 32}) {
        compiler::compile_options options;
        options.plan.choose = [&](schedules::kernel& k, const schedules::machine& m) {
            schedules::choose(k, m, schedules::precision::strict);
            if (k.what != schedules::anchor::operation) return;
            schedules::set_schedule(
                k, schedules::schedule_of(schedules::winograd_parameters{.lanes = std::min(m.lanes, 16),
                                                                         .block = filters,
                                                                         .tile = 2,
                                                                         .registers = 4,
                                                                         .along_x = 4,
                                                                         .along_y = 4,
                                                                         .along_z = 2,
                                                                         .tasks = 2,
                                                                         .by_filters = 1}));
        };
        const compiler::model m(compiler::compile_graph(g, options));
        for (const int threads : {1, 2}) {
            m.set_threads(threads);
            CHECK(relative_difference(m(inputs)[0], expected[0]) < 1e-4);
        }
    }
}

}  // namespace kiln::testing
