// From a graph to a model that runs: the whole compiler behind one call.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <kiln/compiler/aligned_block.hpp>
#include <kiln/compiler/emit/emit.hpp>
#include <kiln/compiler/ir/graph.hpp>
#include <kiln/compiler/load/jit.hpp>
#include <kiln/compiler/plan/make_plan.hpp>
#include <kiln/compiler/tune/record_source.hpp>
#include <kiln/compiler/weights.hpp>

namespace kiln::compiler {

struct compile_options {
    std::string target = "host";
    weight_source weights{};
    plan::plan_options plan{};      // what rounding is allowed, who chooses schedules
    tune::record_source records{};  // where nobody does: tuned ones
    int jobs = 0;
    bool use_cache = true;
    std::string cache_folder{};
    std::string dump_after{};  // a pass's name, "import" or "all"; the graph goes to `dump`
    std::function<void(const std::string&)> dump{};
    std::function<void(const std::string& pass, double milliseconds)> pass_timed{};
    std::function<void(int done, int total, const std::string& what)> progress{};
};

/// Planned, kernels built, weights packed; nothing written yet.
struct compiled_graph {
    plan::plan plan;
    std::vector<built_kernel> kernels;
    aligned_block weights;  // the packed block
    std::string target;     // resolved
    std::string cache_folder;
    bool use_cache = true;  // both as they were in the options, for the runtime's bitcode
};

/// Binds weights and runs the passes: what is planned. Throws kiln::error.
ir::graph optimize_graph(ir::graph g, const compile_options& options);

/// The plan of an optimised graph, with tuned schedules where there are records. `target`: resolved. Throws
/// kiln::error.
plan::plan plan_graph(const ir::graph& optimized, const std::string& target, const compile_options& options);

/// Plans an optimised graph, builds its kernels and packs its weights. Throws kiln::error.
compiled_graph build_graph(const ir::graph& optimized, const compile_options& options);

/// Both of the above.
compiled_graph compile_graph(ir::graph g, const compile_options& options);

/// A model that runs in this process. Re-entrant: one arena per call or per thread.
class model {
public:
    model(compiled_graph compiled, const std::string& function_name = "model");

    const plan::plan& plan() const { return compiled_.plan; }
    /// Runs the whole network. `inputs` and `outputs`: dense buffers of the ports' element types, one per port. Throws
    /// kiln::error.
    void run(const void* const* inputs, void* const* outputs) const;
    /// The same on the caller's arena (plan().arena_bytes, 64-byte aligned), for steps [first, end).
    void run(const void* const* inputs, void* const* outputs, void* arena, int first, int end) const;
    /// Convenience: checks shapes, allocates the outputs.
    std::vector<tensor> operator()(const std::vector<tensor>& inputs) const;
    void set_threads(int threads) const { object_.set_threads(threads); }

private:
    compiled_graph compiled_;
    loaded_object object_;
};

}  // namespace kiln::compiler
