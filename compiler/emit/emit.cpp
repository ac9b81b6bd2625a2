#include <fmt/format.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <kiln/compiler/emit/codegen.hpp>
#include <kiln/compiler/emit/driver.hpp>
#include <kiln/compiler/emit/embedded_weights.hpp>
#include <kiln/compiler/emit/emit.hpp>
#include <kiln/compiler/emit/fail.hpp>
#include <kiln/compiler/emit/identifier.hpp>
#include <kiln/compiler/emit/link_bitcode.hpp>
#include <kiln/compiler/emit/system_symbols.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::compiler {
namespace {

void expect_usable(const plan::plan& p, std::span<const built_kernel> kernels, const emit_options& options) {
    if (!is_identifier(options.function_name))
        throw error(
            fmt::format("the function name '{}' is not usable in C: start with a letter, go on with letters, "
                        "digits and underscores, and use no keyword",
                        options.function_name));
    if (kernels.size() != p.kernels.size())
        fail_internally("emitting",
                        fmt::format("the plan has {} kernels, {} were built", p.kernels.size(), kernels.size()));
}

bool embeds_weights(const plan::plan& p, const emit_options& options) {
    return options.weights == weights_as::embedded && p.weights_bytes > 0;
}

std::unique_ptr<llvm::Module> make_module(llvm::LLVMContext& context, const plan::plan& p,
                                          std::span<const built_kernel> kernels, const emit_options& options) {
    const std::string runtime = build_runtime({.target = options.target,
                                               .jobs = 1,
                                               .cache_folder = options.cache_folder,
                                               .use_cache = options.use_cache,
                                               .progress = {}});
    auto module = link_bitcode(context, options.function_name, kernels, runtime);
    prepare_for_target(*module);
    add_driver(*module, p, kernels, options);
    drop_unused(*module);
    if (embeds_weights(p, options)) reserve_weights(*module, options.function_name, p.weights_bytes);
    std::string problems;
    llvm::raw_string_ostream out(problems);
    if (llvm::verifyModule(*module, &out)) fail_internally("verifying the module", out.str());
    return module;
}

/// A kernel that needs more than the C library would not link, far from here and for someone else.
void expect_links(const std::string& object) {
    for (const std::string& name : undefined_symbols(object))
        if (!is_system_symbol(name))
            fail_internally("checking the object",
                            fmt::format("it needs '{}', which neither libc, libm nor libpthread has", name));
}

}  // namespace

std::string emit_object(const plan::plan& p, std::span<const built_kernel> kernels, const emit_options& options) {
    expect_usable(p, kernels, options);
    quiet_context context;
    const auto module = make_module(context.get(), p, kernels, options);
    std::string object = generate_object(*module);
    context.expect_no_errors("generating code");
    expect_links(object);
    if (embeds_weights(p, options)) expect_weights_at_end(object, options.function_name);
    return object;
}

std::string emit_llvm_assembly(const plan::plan& p, std::span<const built_kernel> kernels,
                               const emit_options& options) {
    expect_usable(p, kernels, options);
    quiet_context context;
    const auto module = make_module(context.get(), p, kernels, options);
    context.expect_no_errors("linking");
    std::string text;
    llvm::raw_string_ostream out(text);
    module->print(out, nullptr);
    return std::move(out.str());
}

}  // namespace kiln::compiler
