#include <kiln/compiler/cli/artifacts.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include <kiln/compiler/emit/identifier.hpp>
#include <kiln/compiler/ir/print.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::cli {
namespace {

std::string object(const build& b) { return compiler::emit_object(b.plan(), b.compiled().kernels, b.emit()); }
std::string header(const build& b) { return compiler::emit_header(b.plan(), b.emit()); }
std::string assembly(const build& b) { return compiler::emit_llvm_assembly(b.plan(), b.compiled().kernels, b.emit()); }
std::string dot(const build& b) { return ir::print_dot(b.graph()); }

std::string statements(const build& b) {
    std::string text;
    int number = 0;
    for (const schedules::kernel& k : b.plan().kernels)
        text += fmt::format("// {}\n// {}\n{}\n", schedules::summary_of(k), schedules::text_of(k),
                            compiler::lower_to_statement(k, b.compiled().target, fmt::format("kernel_{}", number++)));
    return text;
}

constexpr std::array table = {
    artifact{"object", "", true, object, true},   artifact{"header", ".h", false, header},
    artifact{"stmt", ".stmt", false, statements}, artifact{"llvm_assembly", ".ll", true, assembly},
    artifact{"dot", ".dot", false, dot},
};

}  // namespace

build::build(ir::graph graph, const compiler::compile_options& options, const build_request& request)
    : machine_code_(request.machine_code) {
    emit_.function_name = request.function_name.empty() ? compiler::identifier_from(graph.name) : request.function_name;
    if (!compiler::is_identifier(emit_.function_name))
        throw error(fmt::format("--function-name '{}' cannot start the names of C functions: use letters, digits and _",
                                emit_.function_name));
    emit_.target = compiler::resolve_target(options.target);
    emit_.weights = request.weights_as_file ? compiler::weights_as::file : compiler::weights_as::embedded;
    emit_.cache_folder = options.cache_folder;
    emit_.use_cache = options.use_cache;
    optimized_ = compiler::optimize_graph(std::move(graph), options);
    if (!machine_code_) {
        compiled_.target = emit_.target;
        compiled_.plan = compiler::plan_graph(optimized_, emit_.target, options);
        return;
    }
    compiled_ = compiler::build_graph(optimized_, options);
}

std::string build::kernel_count_text() const {
    const auto cached = std::ranges::count_if(compiled_.kernels, &compiler::built_kernel::from_cache);
    return fmt::format("{} kernels{}", compiled_.plan.kernels.size(),
                       cached == 0 ? std::string() : fmt::format(" ({} from the cache)", cached));
}

std::vector<const artifact*> find_artifacts(std::span<const std::string> names) {
    for (const std::string& name : names)
        if (std::ranges::find(table, name, &artifact::name) == table.end())
            throw error(fmt::format("--emit does not know '{}': choose from {}", name, artifact_names()));
    std::vector<const artifact*> found;
    for (const artifact& row : table)
        if (std::ranges::find(names, row.name) != names.end()) found.push_back(&row);
    if (found.empty()) throw error("--emit names nothing to write");
    return found;
}

std::string artifact_names() {
    std::vector<std::string_view> names;
    for (const artifact& row : table) names.push_back(row.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace kiln::cli
