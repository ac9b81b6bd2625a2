#include <fmt/format.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>

#include <kiln/compiler/emit/codegen.hpp>
#include <kiln/compiler/emit/fail.hpp>
#include <kiln/compiler/emit/llvm_compat.hpp>
#include <kiln/runtime/error.hpp>
#include <mutex>
#include <optional>

namespace kiln::compiler {
namespace {

void initialize_targets() {
    static std::once_flag once;
    std::call_once(once, [] {
        llvm::InitializeAllTargetInfos();
        llvm::InitializeAllTargets();
        llvm::InitializeAllTargetMCs();
        llvm::InitializeAllAsmPrinters();
        llvm::InitializeAllAsmParsers();  // of the embedded weights' directives
    });
}

std::unique_ptr<llvm::TargetMachine> machine_for(const llvm::Module& module) {
    initialize_targets();
    const std::string name = module.getTargetTriple();
    const llvm::Triple triple(name);
    std::string reason;
    const llvm::Target* target = llvm::TargetRegistry::lookupTarget(name, reason);
    if (!target) throw error(fmt::format("the target '{}' is not known to LLVM: {}", name, reason));
    if (!triple.isArch64Bit() || !triple.isOSBinFormatELF() || !(triple.isAArch64() || triple.isX86()))
        throw error(
            fmt::format("the target '{}' is not supported: Kiln writes objects for x86-64 and AArch64 Linux", name));
    llvm::TargetOptions options;
    options.AllowFPOpFusion = llvm::FPOpFusion::Fast;  // as Halide does: its arithmetic may become multiply-adds
    options.FunctionSections = true;
    options.UseInitArray = true;
    const char* oldest = triple.isX86() ? "x86-64" : "generic";
    std::unique_ptr<llvm::TargetMachine> machine(
        target->createTargetMachine(name, oldest, "", options, llvm::Reloc::PIC_, {}, llvm_compat::optimize_most));
    if (!machine) fail_internally("generating code", "LLVM has no code generator for " + name);
    return machine;
}

}  // namespace

void prepare_for_target(llvm::Module& module) { module.setDataLayout(machine_for(module)->createDataLayout()); }

std::string generate_object(llvm::Module& module) {
    const auto machine = machine_for(module);
    llvm::SmallVector<char, 0> object;
    llvm::raw_svector_ostream out(object);
    llvm::legacy::PassManager passes;
    if (machine->addPassesToEmitFile(passes, out, nullptr, llvm_compat::object_file))
        fail_internally("generating code", "LLVM cannot write object files for " + module.getTargetTriple());
    passes.run(module);
    return {object.begin(), object.end()};
}

}  // namespace kiln::compiler
