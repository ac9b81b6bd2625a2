#include <kiln/compiler/compile.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <kiln/compiler/build/build_kernels.hpp>
#include <kiln/compiler/ir/print.hpp>
#include <kiln/compiler/ir/verify.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/passes/pipeline.hpp>
#include <kiln/compiler/plan/make_plan.hpp>
#include <kiln/compiler/plan/pack.hpp>
#include <kiln/compiler/tune/choose_tuned.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::compiler {
namespace {

/// A name nobody would find in a dump is refused before any work is done.
void expect_known_pass(const std::string& name) {
    if (name.empty() || name == "all" || name == "import") return;
    std::vector<std::string_view> names;
    for (const passes::pass& p : passes::pipeline()) {
        if (p.name == name) return;
        names.push_back(p.name);
    }
    throw error(fmt::format("there is no pass '{}': choose import, {} or all", name, fmt::join(names, ", ")));
}

void dump(const compile_options& options, std::string_view pass, const ir::graph& g) {
    if (options.dump && (options.dump_after == "all" || options.dump_after == pass))
        options.dump(fmt::format("# after {}\n{}", pass, ir::print(g)));
}

}  // namespace

ir::graph optimize_graph(ir::graph g, const compile_options& options) {
    expect_known_pass(options.dump_after);
    ir::verify(g);
    dump(options, "import", g);
    bind_weights(g, options.weights);
    passes::observer watch;
    if (!options.dump_after.empty())
        watch.after_pass = [&](const passes::pass& p, const ir::graph& after) { dump(options, p.name, after); };
    if (options.pass_timed)
        watch.timed = [&](const passes::pass& p, double milliseconds) {
            options.pass_timed(std::string(p.name), milliseconds);
        };
    return passes::run_pipeline(std::move(g), watch);
}

plan::plan plan_graph(const ir::graph& optimized, const std::string& target, const compile_options& options) {
    return plan::make_plan(optimized, target, tune::with_records(options.plan, target, options.records));
}

compiled_graph build_graph(const ir::graph& optimized, const compile_options& options) {
    compiled_graph result;
    result.target = resolve_target(options.target);
    result.cache_folder = options.cache_folder;
    result.use_cache = options.use_cache;
    result.plan = plan_graph(optimized, result.target, options);
    result.kernels = build_kernels(result.plan.kernels, {.target = result.target,
                                                         .jobs = options.jobs,
                                                         .cache_folder = options.cache_folder,
                                                         .use_cache = options.use_cache,
                                                         .progress = options.progress});
    result.weights.resize(static_cast<std::size_t>(result.plan.weights_bytes));
    plan::pack_weights(result.plan, result.weights.data());
    return result;
}

compiled_graph compile_graph(ir::graph g, const compile_options& options) {
    return build_graph(optimize_graph(std::move(g), options), options);
}

}  // namespace kiln::compiler
