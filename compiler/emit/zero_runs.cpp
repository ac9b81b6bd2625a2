#include <kiln/compiler/emit/zero_runs.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::compiler {
namespace {

/// Runs as short as a halo's are set by a few stores; a call of memset would take longer than its work.
constexpr std::int64_t short_run = 128;

/// void kiln_zero_runs(void* start, int64 bytes, int64 count[3], int64 stride[3]), the arrays passed as six arguments.
/// For short runs, one of its own for each length: `bytes` is a constant there.
llvm::Function* zero_runs(llvm::Module& module, std::int64_t bytes) {
    const bool is_short = bytes <= short_run;
    const std::string name = is_short ? fmt::format("kiln_zero_runs_of_{}", bytes) : "kiln_zero_runs";
    if (llvm::Function* present = module.getFunction(name)) return present;
    llvm::LLVMContext& context = module.getContext();
    llvm::IRBuilder<> at(context);
    llvm::Type* pointer = llvm::PointerType::getUnqual(at.getInt8Ty());
    std::vector<llvm::Type*> parameters(8, at.getInt64Ty());
    parameters[0] = pointer;
    auto* function = llvm::Function::Create(llvm::FunctionType::get(at.getVoidTy(), parameters, false),
                                            llvm::Function::InternalLinkage, name, module);
    function->addFnAttr(llvm::Attribute::NoUnwind);
    function->addFnAttr(llvm::Attribute::NoInline);

    // Each loop runs at least once: a plan's counts are positive.
    at.SetInsertPoint(llvm::BasicBlock::Create(context, "entry", function));
    std::array<llvm::PHINode*, 3> index{};
    std::array<llvm::BasicBlock*, 3> loop{};
    llvm::Value* start = function->getArg(0);
    for (unsigned axis = 0; axis < 3; ++axis) {
        llvm::BasicBlock* before = at.GetInsertBlock();
        loop[axis] = llvm::BasicBlock::Create(context, "loop", function);
        at.CreateBr(loop[axis]);
        at.SetInsertPoint(loop[axis]);
        index[axis] = at.CreatePHI(at.getInt64Ty(), 2);
        index[axis]->addIncoming(at.getInt64(0), before);
        start = at.CreateGEP(at.getInt8Ty(), start, at.CreateMul(index[axis], function->getArg(5 + axis)));
    }
    llvm::Value* length = function->getArg(1);
    if (is_short) length = at.getInt64(static_cast<std::uint64_t>(bytes));
    at.CreateMemSet(start, at.getInt8(0), length, llvm::Align(1));
    for (unsigned axis = 3; axis-- > 0;) {
        llvm::Value* next = at.CreateAdd(index[axis], at.getInt64(1));
        index[axis]->addIncoming(next, at.GetInsertBlock());
        llvm::BasicBlock* done = llvm::BasicBlock::Create(context, "done", function);
        at.CreateCondBr(at.CreateICmpSLT(next, function->getArg(2 + axis)), loop[axis], done);
        at.SetInsertPoint(done);
    }
    at.CreateRetVoid();
    return function;
}

}  // namespace

void call_zero_runs(llvm::IRBuilder<>& at, llvm::Module& module, llvm::Value* arena, const plan::zero_fill& fill) {
    if (fill.bytes <= 0 || fill.count[0] <= 0 || fill.count[1] <= 0 || fill.count[2] <= 0) return;
    const auto number = [&](std::int64_t n) { return at.getInt64(static_cast<std::uint64_t>(n)); };
    std::vector<llvm::Value*> arguments{
        at.CreateConstInBoundsGEP1_64(at.getInt8Ty(), arena, static_cast<std::uint64_t>(fill.arena_byte)),
        number(fill.bytes)};
    // Loops of one run outside: each that is left inside costs every run a comparison.
    std::array<std::size_t, 3> axes{0, 1, 2};
    std::stable_partition(axes.begin(), axes.end(), [&](std::size_t axis) { return fill.count[axis] == 1; });
    for (const std::size_t axis : axes) arguments.push_back(number(fill.count[axis]));
    for (const std::size_t axis : axes) arguments.push_back(number(fill.stride[axis]));
    at.CreateCall(zero_runs(module, fill.bytes), arguments);
}

}  // namespace kiln::compiler
