#include <kiln/compiler/lower/split_masked_stores.hpp>

#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>

namespace kiln::compiler {
namespace {

/// How many lanes a mask lets through if they are the first ones and known; otherwise 0.
int first_lanes(const llvm::Value* mask) {
    const auto* known = llvm::dyn_cast<llvm::Constant>(mask);
    const auto* type = llvm::dyn_cast<llvm::FixedVectorType>(mask->getType());
    if (!known || !type) return 0;
    int count = 0;
    for (unsigned lane = 0; lane < type->getNumElements(); ++lane) {
        const llvm::Constant* bit = known->getAggregateElement(lane);
        if (bit && bit->isOneValue() && count == static_cast<int>(lane))
            ++count;
        else if (!bit || !bit->isNullValue())
            return 0;
    }
    return count;
}

void split(llvm::CallInst* masked, int lanes) {
    llvm::IRBuilder<> at(masked);
    llvm::Value *vector = masked->getArgOperand(0), *to = masked->getArgOperand(1);
    llvm::Type* element = llvm::cast<llvm::FixedVectorType>(vector->getType())->getElementType();
    const unsigned space = to->getType()->getPointerAddressSpace();
    llvm::Value* begin = at.CreateBitCast(to, element->getPointerTo(space));
    const llvm::Align number(element->getPrimitiveSizeInBits() / 8);
    for (int done = 0, piece = 0; done < lanes; done += piece) {
        for (piece = 1; piece * 2 <= lanes - done;) piece *= 2;
        llvm::SmallVector<int, 16> which;
        for (int lane = 0; lane < piece; ++lane) which.push_back(done + lane);
        llvm::Value* part = at.CreateShuffleVector(vector, which);
        llvm::Value* place = at.CreateConstInBoundsGEP1_32(element, begin, static_cast<unsigned>(done));
        at.CreateAlignedStore(part, at.CreateBitCast(place, part->getType()->getPointerTo(space)), number);
    }
    masked->eraseFromParent();
}

}  // namespace

void split_masked_stores(llvm::Module& m) {
    for (llvm::Function& f : m)
        for (llvm::BasicBlock& block : f)
            for (auto next = block.begin(); next != block.end();) {
                auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&*next++);
                if (!call || call->getIntrinsicID() != llvm::Intrinsic::masked_store) continue;
                if (const int lanes = first_lanes(call->getArgOperand(3))) split(call, lanes);
            }
}

}  // namespace kiln::compiler
