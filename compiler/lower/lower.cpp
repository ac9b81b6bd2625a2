#include <kiln/compiler/lower/lower.hpp>

#include <algorithm>
#include <mutex>

#include <Halide.h>
#include <fmt/format.h>
#include <llvm/Bitcode/BitcodeWriter.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/raw_ostream.h>

#include <kiln/compiler/lower/define.hpp>
#include <kiln/compiler/lower/place_scratch.hpp>
#include <kiln/compiler/lower/prefetch_chunks.hpp>
#include <kiln/compiler/lower/prefetch_lines.hpp>
#include <kiln/compiler/lower/split_masked_stores.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/schedules/family.hpp>

namespace kiln::compiler {
namespace {

// Raised whenever an algorithm or a schedule changes what it generates for the same descriptor.
constexpr int revision = 48;

Halide::Target kernel_target(const std::string& target) {
    return Halide::Target(target)
        .with_feature(Halide::Target::NoRuntime)
        .with_feature(Halide::Target::NoAsserts)
        .with_feature(Halide::Target::NoBoundsQuery);
}

using shaping = std::function<void(definition&)>;

shaping by_family(const std::string& target) {
    return [m = schedules::machine_of(target)](definition& d) { schedules::apply(d.kernel, m, d.stages); };
}

Halide::Module lower(const schedules::kernel& k, const std::string& target, const std::string& symbol,
                     const shaping& shape) {
    definition d = define(k);
    shape(d);
    std::vector<Halide::Argument> arguments(d.inputs.begin(), d.inputs.end());
    Halide::Target t = kernel_target(target);
    if (schedules::scratch_of(k).needed()) t.set_feature(Halide::Target::UserContext);
    d.stages.result.add_custom_lowering_pass(new prefetch_lines(d.stages.sharing));  // Halide deletes it
    if (const auto& chunks = d.stages.prefetched; chunks.numbers > 0)
        d.stages.result.add_custom_lowering_pass(
            new prefetch_chunks(chunks, d.inputs[1].name(), d.inputs[1].type().bytes()));
    return d.stages.result.compile_to_module(arguments, symbol, t);
}

// Kernels are vectorised by their schedules. LLVM would still gather what is left into vectors: the addresses of a
// register block's rows, which loads then have to take apart again. Halide 14 always asks for it, so the pass is
// switched off, for the whole process.
void leave_scalars_alone() {
    static std::once_flag once;
    std::call_once(once, [] {
        auto& options = llvm::cl::getRegisteredOptions();
        if (const auto found = options.find("vectorize-slp"); found != options.end())
            static_cast<llvm::cl::opt<bool>*>(found->second)->setValue(false);
    });
}

// Halide prefetches into the first-level cache, where what is needed a block later would take the place of what is
// needed now.
void aim_prefetches_at_second_level(llvm::Module& m) {
    for (llvm::Function& f : m)
        for (llvm::BasicBlock& block : f)
            for (llvm::Instruction& i : block)
                if (auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&i);
                    call && call->getIntrinsicID() == llvm::Intrinsic::prefetch)
                    call->setArgOperand(2, llvm::ConstantInt::get(call->getArgOperand(2)->getType(), 2));
}

// Where a kernel adds to its own result, Halide takes that for memory of Halide's, aligned to whole vectors. The
// caller's is not.
void expect_no_alignment(llvm::Module& m) {
    const llvm::Align number(4);
    for (llvm::Function& f : m)
        for (llvm::BasicBlock& block : f)
            for (llvm::Instruction& i : block) {
                if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&i); load && load->getType()->isVectorTy())
                    load->setAlignment(std::min(load->getAlign(), number));
                if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&i);
                    store && store->getValueOperand()->getType()->isVectorTy())
                    store->setAlignment(std::min(store->getAlign(), number));
            }
}

std::string bitcode_of(const llvm::Module& module) {
    std::string bytes;
    llvm::raw_string_ostream stream(bytes);
    llvm::WriteBitcodeToFile(module, stream);
    stream.flush();
    return bytes;
}

}  // namespace

std::string resolve_target(const std::string& target) {
    if (!Halide::Target::validate_target_string(target))
        throw error(
            fmt::format("--target {}: not a target; expected \"host\" or ARCHITECTURE-BITS-SYSTEM-FEATURES in "
                        "Halide's spelling, such as x86-64-linux-avx2-fma or arm-64-linux",
                        target));
    const Halide::Target t(target);
    if (t.os != Halide::Target::Linux || t.bits != 64 ||
        (t.arch != Halide::Target::X86 && t.arch != Halide::Target::ARM))
        throw error(fmt::format("--target {}: Kiln compiles for x86-64-linux and arm-64-linux", target));
    return t.to_string();
}

std::string lower_to_bitcode(const schedules::kernel& k, const std::string& target, const std::string& symbol) {
    return lower_to_bitcode(k, target, symbol, by_family(target));
}

std::string lower_to_bitcode(const schedules::kernel& k, const std::string& target, const std::string& symbol,
                             const shaping& shape) {
    leave_scalars_alone();
    llvm::LLVMContext context;
    const auto module = Halide::compile_module_to_llvm_module(lower(k, target, symbol, shape), context);
    const schedules::scratch scratch = schedules::scratch_of(k);
    if (scratch.needed()) place_scratch(*module, symbol, scratch);
    aim_prefetches_at_second_level(*module);
    if (schedules::machine_of(target).registers < 32) split_masked_stores(*module);
    if (k.what == schedules::anchor::operation && k.kind == op::filter_gradient) expect_no_alignment(*module);
    return bitcode_of(*module);
}

std::string lower_to_statement(const schedules::kernel& k, const std::string& target, const std::string& symbol) {
    std::ostringstream text;
    const Halide::Module module = lower(k, target, symbol, by_family(target));
    for (const auto& f : module.functions()) text << f.body << "\n";
    return text.str();
}

std::string runtime_bitcode(const std::string& target) {
    // Runs before the processor has been checked, so on any processor of the architecture.
    llvm::LLVMContext context;
    return bitcode_of(
        *Halide::compile_module_to_llvm_module(Halide::Module("kiln_runtime", Halide::Target(target)), context));
}

std::string lowering_version() {
    return fmt::format("kiln {} halide {} llvm {}", revision, KILN_HALIDE_VERSION, LLVM_VERSION_STRING);
}

}  // namespace kiln::compiler
