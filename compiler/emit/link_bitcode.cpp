#include <fmt/format.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/PassManager.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Transforms/IPO/AlwaysInliner.h>
#include <llvm/Transforms/IPO/GlobalDCE.h>
#include <llvm/Transforms/Utils/ModuleUtils.h>

#include <kiln/compiler/emit/fail.hpp>
#include <kiln/compiler/emit/link_bitcode.hpp>
#include <kiln/compiler/emit/llvm_compat.hpp>
#include <kiln/compiler/emit/thread_pool.hpp>
#include <set>

namespace kiln::compiler {
namespace {

std::unique_ptr<llvm::Module> parse(llvm::LLVMContext& context, const std::string& bitcode, const std::string& what) {
    return value_or_fail(llvm::parseBitcodeFile(llvm::MemoryBufferRef(bitcode, what), context), "reading " + what);
}

std::string text_flag(const llvm::Module& module, const char* name) {
    const auto* text = llvm::dyn_cast_or_null<llvm::MDString>(module.getModuleFlag(name));
    return text ? text->getString().str() : std::string();
}

/// Halide notes the processor once a module; once modules are linked, it has to be on each function.
void mark_processor(llvm::Module& kernel) {
    std::string processor;
    for (const char* flag : llvm_compat::halide_processor_flags)
        if (processor.empty()) processor = text_flag(kernel, flag);
    std::string features = text_flag(kernel, "halide_mattrs");
    // Halide takes every processor with bfloat16 for a Sapphire Rapids, which has half-precision instructions too: Zen
    // 4 and 5 do not, and LLVM would use one to move two bytes.
    if (processor == "sapphirerapids") features += features.empty() ? "-avx512fp16" : ",-avx512fp16";
    for (llvm::Function& function : kernel) {
        if (function.isDeclaration()) continue;
        if (!processor.empty()) function.addFnAttr("target-cpu", processor);
        if (!features.empty()) function.addFnAttr("target-features", features);
    }
}

/// Halide prefetches into the first-level cache. What kernels prefetch, the weights of a whole block, is more than
/// stays there, and a prefetch that leaves it alone also leaves alone the few misses it can have under way at a time:
/// on Emerald Rapids ResNet-50 takes 5 % less time with the second level, and a dense layer of bfloat16 weights 12 %.
void prefetch_to_second_level(llvm::Module& kernel) {
    constexpr unsigned locality_argument = 2;
    constexpr int second_level = 2;  // of 0, not kept in any, to 3, the first level
    for (llvm::Function& function : kernel)
        for (llvm::Instruction& instruction : llvm::instructions(function)) {
            auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction);
            if (!call || call->getIntrinsicID() != llvm::Intrinsic::prefetch) continue;
            llvm::Type* type = call->getArgOperand(locality_argument)->getType();
            call->setArgOperand(locality_argument, llvm::ConstantInt::get(type, second_level));
        }
}

/// Halide's flags have done their work, and would have to agree between modules.
void drop_halide_flags(llvm::Module& module) {
    llvm::NamedMDNode* flags = module.getModuleFlagsMetadata();
    if (!flags) return;
    std::vector<llvm::MDNode*> kept;
    for (llvm::MDNode* flag : flags->operands()) {
        const auto* name = llvm::dyn_cast<llvm::MDString>(flag->getOperand(1));
        if (!name || name->getString().take_front(7) != "halide_") kept.push_back(flag);
    }
    flags->clearOperands();
    for (llvm::MDNode* flag : kept) flags->addOperand(flag);
}

void make_internal(llvm::GlobalValue& value) {
    if (auto* object = llvm::dyn_cast<llvm::GlobalObject>(&value)) object->setComdat(nullptr);
    value.setVisibility(llvm::GlobalValue::DefaultVisibility);
    value.setLinkage(llvm::GlobalValue::InternalLinkage);
}

std::unique_ptr<llvm::Module> parse_kernel(llvm::LLVMContext& context, const built_kernel& kernel) {
    auto module = parse(context, kernel.bitcode, "kernel " + kernel.symbol);
    const llvm::Function* entry = module->getFunction(kernel.symbol);
    if (!entry || entry->isDeclaration())
        fail_internally("linking", fmt::format("the bitcode of {} does not define it", kernel.symbol));
    mark_processor(*module);
    prefetch_to_second_level(*module);
    drop_halide_flags(*module);
    for (llvm::GlobalValue& value : module->global_values())
        if (!value.isDeclaration() && &value != entry && value.getName() != "llvm.used") make_internal(value);
    return module;
}

/// Of the runtime's destructors, the one that ends the thread pool.
void keep_only_pool_cleanup(llvm::Module& runtime) {
    if (auto* all = runtime.getGlobalVariable("llvm.global_dtors")) all->eraseFromParent();
    if (llvm::Function* cleanup = runtime.getFunction("halide_thread_pool_cleanup"))
        llvm::appendToGlobalDtors(runtime, cleanup, 65535);
}

/// Ours takes the place of Halide's.
void replace_pool(llvm::Module& runtime) {
    auto pool = parse(runtime.getContext(), std::string(thread_pool_bitcode(runtime)), "the thread pool");
    pool->setTargetTriple(runtime.getTargetTriple());  // clang writes it, and the rest, in another way
    pool->setDataLayout(runtime.getDataLayout());
    if (auto* flags = pool->getModuleFlagsMetadata()) flags->eraseFromParent();
    if (llvm::Linker::linkModules(runtime, std::move(pool), llvm::Linker::OverrideFromSrc))
        fail_internally("linking", "the thread pool");
}

std::unique_ptr<llvm::Module> parse_runtime(llvm::LLVMContext& context, const std::string& bitcode) {
    auto module = parse(context, bitcode, "the runtime");
    drop_halide_flags(*module);
    replace_pool(*module);
    keep_only_pool_cleanup(*module);
    const std::set<llvm::StringRef> controls{"halide_set_num_threads", "halide_shutdown_thread_pool"};
    for (llvm::GlobalValue& value : module->global_values()) {
        if (auto* function = llvm::dyn_cast<llvm::Function>(&value)) {
            function->removeFnAttr("target-cpu");
            function->removeFnAttr("target-features");
        }
        // Both linkages are weak symbols in the object; the compiler may drop one of them when it is not used.
        if (value.hasWeakLinkage() || value.hasLinkOnceLinkage())
            value.setLinkage(controls.count(value.getName()) ? llvm::GlobalValue::WeakAnyLinkage
                                                             : llvm::GlobalValue::LinkOnceAnyLinkage);
    }
    return module;
}

}  // namespace

std::unique_ptr<llvm::Module> link_bitcode(llvm::LLVMContext& context, const std::string& module_name,
                                           std::span<const built_kernel> kernels, const std::string& runtime) {
    auto whole = parse_runtime(context, runtime);
    whole->setModuleIdentifier(module_name);
    whole->setSourceFileName(module_name);
    llvm::Linker linker(*whole);
    std::set<std::string> linked;
    for (const built_kernel& kernel : kernels)
        if (linked.insert(kernel.symbol).second && linker.linkInModule(parse_kernel(context, kernel)))
            fail_internally("linking", kernel.symbol);
    for (const std::string& symbol : linked) make_internal(*whole->getFunction(symbol));
    return whole;
}

void drop_unused(llvm::Module& module) {
    llvm::LoopAnalysisManager loops;
    llvm::FunctionAnalysisManager functions;
    llvm::CGSCCAnalysisManager calls;
    llvm::ModuleAnalysisManager modules;
    llvm::PassBuilder builder;
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(calls);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, calls, modules);
    // First what is unused, so that the inliner works on little.
    llvm::ModulePassManager passes;
    passes.addPass(llvm::GlobalDCEPass());
    passes.addPass(llvm::AlwaysInlinerPass());
    passes.addPass(llvm::GlobalDCEPass());
    passes.run(module, modules);
}

}  // namespace kiln::compiler
