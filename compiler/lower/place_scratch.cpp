#include <kiln/compiler/lower/place_scratch.hpp>

#include <fmt/format.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/Transforms/Utils/Local.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <vector>

namespace kiln::compiler {
namespace {

using llvm::BasicBlock;
using llvm::Function;
using llvm::Value;
using schedules::scratch;

std::vector<llvm::CallInst*> calls_of(llvm::Module& module, const char* name, const Function* inside) {
    std::vector<llvm::CallInst*> calls;
    if (Function* callee = module.getFunction(name))
        for (llvm::User* user : callee->users())
            if (auto* call = llvm::dyn_cast<llvm::CallInst>(user); call && (!inside || call->getFunction() == inside))
                calls.push_back(call);
    return calls;
}

Value* moved(llvm::IRBuilder<>& at, Value* pointer, std::int64_t bytes) {
    return at.CreateConstInBoundsGEP1_64(at.getInt8Ty(), pointer, static_cast<std::uint64_t>(bytes));
}

/// What allocates is never null: branches on that are decided, so that every way leads past the release.
void decide_null_checks(llvm::CallInst* allocation) {
    std::vector<llvm::ICmpInst*> checks;
    for (llvm::User* user : allocation->users())
        if (auto* check = llvm::dyn_cast<llvm::ICmpInst>(user);
            check && check->isEquality() && llvm::isa<llvm::ConstantPointerNull>(check->getOperand(1)))
            checks.push_back(check);
    for (llvm::ICmpInst* check : checks) {
        check->replaceAllUsesWith(
            llvm::ConstantInt::getBool(check->getContext(), check->getPredicate() == llvm::CmpInst::ICMP_NE));
        check->eraseFromParent();
    }
}

/// The instructions that can run after `from` before `from`'s memory is released.
std::set<const llvm::Instruction*> run_while_live(const llvm::CallInst* from) {
    std::set<const llvm::Instruction*> seen;
    std::vector<const llvm::Instruction*> next{from->getNextNode()};
    while (!next.empty()) {
        const llvm::Instruction* at = next.back();
        next.pop_back();
        for (; at && seen.insert(at).second; at = at->getNextNode()) {
            const auto* call = llvm::dyn_cast<llvm::CallInst>(at);
            const Function* callee = call ? call->getCalledFunction() : nullptr;
            if (callee && callee->getName() == "halide_free" && call->getArgOperand(1)->stripPointerCasts() == from)
                break;
            if (!at->isTerminator()) continue;
            for (unsigned i = 0; i < at->getNumSuccessors(); ++i) next.push_back(&at->getSuccessor(i)->front());
        }
    }
    return seen;
}

struct allocation {
    llvm::CallInst* call = nullptr;
    std::int64_t bytes = 0, byte = 0;
    std::set<const llvm::Instruction*> live{};
};

/// Replaces a function's allocations by places from `begin` on behind its user context: different ones where both are
/// in use at a time. (Halide doubles loops with a tail, and what they allocate.) Returns how many bytes they take.
std::int64_t place_allocations(llvm::Module& module, Function& function, std::int64_t begin) {
    std::vector<allocation> all;
    std::int64_t end = begin;
    for (llvm::CallInst* call : calls_of(module, "halide_malloc", &function)) {
        const auto* size = llvm::dyn_cast<llvm::ConstantInt>(call->getArgOperand(1));
        if (!size)
            throw std::logic_error(fmt::format("{} allocates memory of no constant size", function.getName().str()));
        decide_null_checks(call);
        all.push_back({call, scratch::block_of(size->getSExtValue())});
    }
    for (BasicBlock& block : function) llvm::ConstantFoldTerminator(&block);
    for (allocation& a : all) {
        a.live = run_while_live(a.call);
        a.byte = begin;
        for (bool moved = true; moved;) {
            moved = false;
            for (const allocation& b : all) {
                if (&b == &a) break;
                const bool meet = a.live.count(b.call) || b.live.count(a.call);
                if (!meet || a.byte + a.bytes <= b.byte || b.byte + b.bytes <= a.byte) continue;
                a.byte = b.byte + b.bytes;
                moved = true;
            }
        }
        end = std::max(end, a.byte + a.bytes);
    }
    for (llvm::CallInst* call : calls_of(module, "halide_free", &function)) call->eraseFromParent();
    for (const allocation& a : all) {
        llvm::IRBuilder<> at(a.call);
        a.call->replaceAllUsesWith(at.CreatePointerCast(moved(at, function.getArg(0), a.byte), a.call->getType()));
        a.call->eraseFromParent();
    }
    return end - begin;
}

/// int32 task(scratch, index, closure): takes a slot, runs `body` with it as its user context, gives it back.
Function* with_slot(llvm::Module& module, Function* body, const scratch& layout) {
    llvm::LLVMContext& context = module.getContext();
    auto* task = Function::Create(body->getFunctionType(), llvm::GlobalValue::InternalLinkage,
                                  body->getName() + "_with_slot", module);
    Value* block = task->getArg(0);
    llvm::IRBuilder<> at(BasicBlock::Create(context, "entry", task));
    llvm::IntegerType* word = at.getInt32Ty();
    Value* mask = at.CreatePointerCast(block, llvm::PointerType::getUnqual(word));
    BasicBlock* attempt = BasicBlock::Create(context, "attempt", task);
    BasicBlock* wait = BasicBlock::Create(context, "wait", task);
    BasicBlock* take = BasicBlock::Create(context, "take", task);
    BasicBlock* run = BasicBlock::Create(context, "run", task);
    at.CreateBr(attempt);

    at.SetInsertPoint(attempt);
    llvm::LoadInst* taken = at.CreateAlignedLoad(word, mask, llvm::Align(64));
    taken->setAtomic(llvm::AtomicOrdering::Monotonic);
    at.CreateCondBr(at.CreateICmpEQ(taken, llvm::ConstantInt::getAllOnesValue(word)), wait, take);

    // More threads than slots. Tasks that have one run to their end, whoever else waits.
    at.SetInsertPoint(wait);
    at.CreateCall(module.getOrInsertFunction("sched_yield", llvm::FunctionType::get(word, false)));
    at.CreateBr(attempt);

    at.SetInsertPoint(take);
    Function* count_zeros = llvm::Intrinsic::getDeclaration(&module, llvm::Intrinsic::cttz, {word});
    Value* slot = at.CreateCall(count_zeros, {at.CreateNot(taken), at.getTrue()});
    Value* bit = at.CreateShl(at.getInt32(1), slot);
    Value* exchanged = at.CreateAtomicCmpXchg(mask, taken, at.CreateOr(taken, bit), llvm::Align(64),
                                              llvm::AtomicOrdering::Acquire, llvm::AtomicOrdering::Monotonic);
    at.CreateCondBr(at.CreateExtractValue(exchanged, 1), run, attempt);

    at.SetInsertPoint(run);
    Value* distance =
        at.CreateMul(at.CreateZExt(slot, at.getInt64Ty()), at.getInt64(static_cast<std::uint64_t>(layout.each)));
    Value* own = at.CreateGEP(at.getInt8Ty(), moved(at, block, scratch::header + layout.shared), distance);
    Value* status = at.CreateCall(body, {own, task->getArg(1), task->getArg(2)});
    at.CreateAtomicRMW(llvm::AtomicRMWInst::And, mask, at.CreateNot(bit), llvm::Align(64),
                       llvm::AtomicOrdering::Release);
    at.CreateRet(status);
    return task;
}

void expect_at_most(std::int64_t found, std::int64_t planned, const std::string& where) {
    if (found > planned)
        throw std::logic_error(fmt::format("{} needs {} bytes of scratch, {} are planned", where, found, planned));
}

}  // namespace

void place_scratch(llvm::Module& module, const std::string& symbol, const scratch& layout) {
    Function* kernel = module.getFunction(symbol);
    if (!kernel) throw std::logic_error("no function " + symbol);
    // A body may have several loops: LLVM unrolls what is around them.
    std::map<Function*, Function*> tasks;
    for (llvm::CallInst* loop : calls_of(module, "halide_do_par_for", nullptr)) {
        auto* body = llvm::dyn_cast<Function>(loop->getArgOperand(1)->stripPointerCasts());
        if (!body || loop->getFunction() != kernel) throw std::logic_error(symbol + " has nested parallel loops");
        const auto [known, fresh] = tasks.emplace(body, body);
        if (fresh) {
            const std::int64_t each = place_allocations(module, *body, 0);
            expect_at_most(each, layout.each, body->getName().str());
            if (each > 0) known->second = with_slot(module, body, layout);
        }
        Function* task = known->second;
        if (task == body) continue;
        loop->setArgOperand(1, llvm::ConstantExpr::getPointerCast(task, loop->getArgOperand(1)->getType()));
    }
    expect_at_most(place_allocations(module, *kernel, scratch::header), layout.shared, symbol);
    if (!calls_of(module, "halide_malloc", nullptr).empty())
        throw std::logic_error(symbol + " allocates memory outside its loops");
    // What is still declared then is called.
    for (const char* name : {"halide_malloc", "halide_free"})
        if (Function* unused = module.getFunction(name); unused && unused->use_empty()) unused->eraseFromParent();
}

}  // namespace kiln::compiler
