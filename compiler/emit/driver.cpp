#include <HalideRuntime.h>
#include <fmt/format.h>
#include <llvm/IR/IRBuilder.h>

#include <algorithm>
#include <kiln/compiler/emit/cpu_features.hpp>
#include <kiln/compiler/emit/driver.hpp>
#include <kiln/compiler/emit/fail.hpp>
#include <kiln/compiler/emit/status.hpp>
#include <kiln/compiler/emit/zero_runs.hpp>
#include <kiln/schedules/scratch.hpp>

namespace kiln::compiler {
namespace {

using llvm::BasicBlock;
using llvm::Value;

/// Writes the function's body from top to bottom.
class driver_writer {
public:
    driver_writer(llvm::Module& module, const plan::plan& p, std::span<const built_kernel> kernels,
                  const emit_options& options)
        : module_(module), plan_(p), kernels_(kernels), options_(options), at_(module.getContext()) {}

    void write() {
        declare();
        reserve_buffers();
        choose_weights();
        check_pointers();
        check_alignment();
        check_steps();
        check_processor();
        walk_steps();
    }

private:
    void declare() {
        bytes_ = at_.getInt8Ty();
        pointer_ = llvm::PointerType::getUnqual(bytes_);
        llvm::Type* pointers = llvm::PointerType::getUnqual(pointer_);
        auto* type = llvm::FunctionType::get(
            at_.getInt32Ty(), {pointer_, pointers, pointers, pointer_, at_.getInt32Ty(), at_.getInt32Ty()}, false);
        function_ =
            llvm::Function::Create(type, llvm::Function::ExternalLinkage, options_.function_name + "_execute", module_);
        function_->addFnAttr(llvm::Attribute::NoUnwind);
        const char* names[] = {"weights", "inputs", "outputs", "arena", "first", "end"};
        for (unsigned i = 0; i < 6; ++i) function_->getArg(i)->setName(names[i]);
        weights_ = function_->getArg(0);
        inputs_ = function_->getArg(1);
        outputs_ = function_->getArg(2);
        arena_ = function_->getArg(3);
        first_ = function_->getArg(4);
        end_ = function_->getArg(5);
        at_.SetInsertPoint(block("entry"));
    }

    BasicBlock* block(const llvm::Twine& name) { return BasicBlock::Create(module_.getContext(), name, function_); }

    /// One descriptor for each operand of the largest step; kernels read nothing of them but `host`.
    void reserve_buffers() {
        std::size_t most = 0;
        for (const plan::step& s : plan_.steps) most = std::max(most, s.inputs.size() + 1);
        auto* type = llvm::ArrayType::get(bytes_, sizeof(halide_buffer_t));
        for (std::size_t i = 0; i < most; ++i) {
            llvm::AllocaInst* buffer = at_.CreateAlloca(type, nullptr, fmt::format("buffer{}", i));
            buffer->setAlignment(llvm::Align(alignof(halide_buffer_t)));
            buffers_.push_back(at_.CreatePointerCast(buffer, pointer_));
        }
        for (Value* buffer : buffers_)
            at_.CreateMemSet(buffer, at_.getInt8(0), sizeof(halide_buffer_t), llvm::Align(alignof(halide_buffer_t)));
    }

    /// Returns `status` where the condition holds, goes on where it does not.
    void refuse_if(Value* condition, execute_status status) {
        BasicBlock* refused = block("refused");
        BasicBlock* accepted = block("accepted");
        at_.CreateCondBr(condition, refused, accepted);
        at_.SetInsertPoint(refused);
        at_.CreateRet(at_.getInt32(static_cast<std::uint32_t>(status)));
        at_.SetInsertPoint(accepted);
    }

    Value* is_null(Value* pointer) { return at_.CreateIsNull(pointer); }

    void choose_weights() {
        if (options_.weights != weights_as::embedded || plan_.weights_bytes == 0) return;
        auto* block = llvm::ArrayType::get(bytes_, static_cast<std::uint64_t>(plan_.weights_bytes));
        Value* embedded = module_.getOrInsertGlobal(options_.function_name + "_weights", block);
        weights_ = at_.CreateSelect(is_null(weights_), at_.CreatePointerCast(embedded, pointer_), weights_);
    }

    Value* element(Value* pointers, std::size_t index) {
        return at_.CreateLoad(pointer_, at_.CreateConstInBoundsGEP1_64(pointer_, pointers, index));
    }

    void check_pointers() {
        if (plan_.weights_bytes > 0) refuse_if(is_null(weights_), execute_status::null_pointer);
        if (plan_.arena_bytes > 0) refuse_if(is_null(arena_), execute_status::null_pointer);
        load_ports(inputs_, plan_.inputs.size(), input_);
        load_ports(outputs_, plan_.outputs.size(), output_);
    }

    void load_ports(Value* pointers, std::size_t count, std::vector<Value*>& ports) {
        if (count > 0) refuse_if(is_null(pointers), execute_status::null_pointer);
        for (std::size_t i = 0; i < count; ++i) {
            ports.push_back(element(pointers, i));
            refuse_if(is_null(ports.back()), execute_status::null_pointer);
        }
    }

    void check_alignment() {
        if (plan_.arena_bytes == 0) return;
        Value* low_bits = at_.CreateAnd(at_.CreatePtrToInt(arena_, at_.getInt64Ty()), arena_alignment - 1);
        refuse_if(at_.CreateIsNotNull(low_bits), execute_status::unaligned_arena);
    }

    /// 0 <= first <= end <= number of steps.
    void check_steps() {
        Value* count = at_.getInt32(static_cast<std::uint32_t>(plan_.steps.size()));
        refuse_if(at_.CreateICmpUGT(end_, count), execute_status::steps_out_of_range);
        refuse_if(at_.CreateICmpUGT(first_, end_), execute_status::steps_out_of_range);
    }

    /// Halide's runtime asks the processor once and remembers.
    void check_processor() {
        const std::vector<std::uint64_t> words = feature_words(options_.target);
        auto* mask = llvm::ConstantDataArray::get(module_.getContext(), llvm::ArrayRef(words));
        auto* stored = new llvm::GlobalVariable(module_, mask->getType(), true, llvm::GlobalValue::PrivateLinkage, mask,
                                                "required_features");
        llvm::Function* check = module_.getFunction("halide_can_use_target_features");
        if (!check) fail_internally("writing the driver", "the runtime has no halide_can_use_target_features");
        Value* usable =
            at_.CreateCall(check, {at_.getInt32(static_cast<std::uint32_t>(words.size())),
                                   at_.CreatePointerCast(stored, check->getFunctionType()->getParamType(1))});
        refuse_if(is_null(usable), execute_status::wrong_processor);
    }

    /// for (i = first; i < end; ++i) { status = step i; if (status) return status; } return 0;
    void walk_steps() {
        BasicBlock* before = at_.GetInsertBlock();
        BasicBlock* loop = block("loop");
        BasicBlock* dispatch = block("dispatch");
        BasicBlock* after = block("after");
        BasicBlock* leave = block("leave");
        at_.CreateBr(loop);

        at_.SetInsertPoint(loop);
        llvm::PHINode* index = at_.CreatePHI(at_.getInt32Ty(), 2, "step");
        index->addIncoming(first_, before);
        at_.CreateCondBr(at_.CreateICmpULT(index, end_), dispatch, leave);

        const auto count = static_cast<unsigned>(plan_.steps.size());
        at_.SetInsertPoint(after);
        llvm::PHINode* status = at_.CreatePHI(at_.getInt32Ty(), count, "status");
        Value* next = at_.CreateAdd(index, at_.getInt32(1));
        index->addIncoming(next, after);
        BasicBlock* failed = block("failed");
        at_.CreateCondBr(is_null(status), loop, failed);
        at_.SetInsertPoint(failed);
        at_.CreateRet(status);

        at_.SetInsertPoint(leave);
        at_.CreateRet(at_.getInt32(0));

        at_.SetInsertPoint(dispatch);
        BasicBlock* impossible = block("impossible");  // check_steps has seen to it
        llvm::SwitchInst* choice = at_.CreateSwitch(index, impossible, count);
        at_.SetInsertPoint(impossible);
        at_.CreateUnreachable();
        for (unsigned i = 0; i < count; ++i) {
            BasicBlock* body = block(fmt::format("step{}", i));
            choice->addCase(at_.getInt32(i), body);
            at_.SetInsertPoint(body);
            status->addIncoming(run_step(plan_.steps[i]), body);
            at_.CreateBr(after);
        }
        if (count == 0) status->addIncoming(at_.getInt32(0), impossible_edge(impossible, after));
    }

    /// A plan without steps still needs `after` to have a predecessor.
    BasicBlock* impossible_edge(BasicBlock* impossible, BasicBlock* after) {
        impossible->getTerminator()->eraseFromParent();
        at_.SetInsertPoint(impossible);
        at_.CreateBr(after);
        return impossible;
    }

    Value* address(const plan::place& place) {
        const auto index = static_cast<std::size_t>(place.index);
        Value* base = nullptr;
        switch (place.where) {
            case plan::space::arena: base = arena_; break;
            case plan::space::weights: base = weights_; break;
            case plan::space::input: base = input_.at(index); break;
            case plan::space::output: base = output_.at(index); break;
        }
        return at_.CreateConstInBoundsGEP1_64(bytes_, base, static_cast<std::uint64_t>(place.byte));
    }

    Value* buffer_of(std::size_t operand, const plan::place& place, llvm::Type* type) {
        Value* buffer = buffers_[operand];
        Value* host = at_.CreateConstInBoundsGEP1_64(bytes_, buffer, offsetof(halide_buffer_t, host));
        at_.CreateStore(address(place), at_.CreatePointerCast(host, llvm::PointerType::getUnqual(pointer_)));
        return at_.CreatePointerCast(buffer, type);
    }

    void free_slots(const plan::step& s) {
        Value* mask = at_.CreatePointerCast(address({plan::space::arena, 0, s.scratch_byte}),
                                            llvm::PointerType::getUnqual(at_.getInt32Ty()));
        at_.CreateStore(at_.getInt32(schedules::scratch::initial_mask(s.scratch_slots)), mask);
    }

    Value* run_step(const plan::step& s) {
        for (const plan::zero_fill& fill : s.zeros) call_zero_runs(at_, module_, arena_, fill);
        if (s.scratch_byte >= 0) free_slots(s);
        llvm::Function* kernel = module_.getFunction(kernels_[static_cast<std::size_t>(s.kernel)].symbol);
        const llvm::FunctionType* type = kernel->getFunctionType();
        const std::vector<schedules::operand>& operands = plan_.kernels[static_cast<std::size_t>(s.kernel)].inputs;
        const unsigned before = s.scratch_byte < 0 ? 0 : 1;  // parameters in front of the buffers
        if (type->getNumParams() != before + s.inputs.size() + 1 || operands.size() != s.inputs.size())
            fail_internally(
                "writing the driver",
                fmt::format("step '{}' reads {} buffers, its descriptor {}, its code takes {} with the output", s.name,
                            s.inputs.size(), operands.size(), type->getNumParams()));
        std::vector<Value*> arguments;
        if (before > 0) arguments.push_back(address({plan::space::arena, 0, s.scratch_byte}));
        for (std::size_t i = 0; i <= s.inputs.size(); ++i) {
            const bool reads = i < s.inputs.size();
            plan::place place = reads ? s.inputs[i] : s.output;
            if (reads) place.byte -= operands[i].where.origin() * bytes_of(operands[i].where.type);
            arguments.push_back(buffer_of(i, place, type->getParamType(before + static_cast<unsigned>(i))));
        }
        return at_.CreateCall(kernel, arguments);
    }

    llvm::Module& module_;
    const plan::plan& plan_;
    std::span<const built_kernel> kernels_;
    const emit_options& options_;
    llvm::IRBuilder<> at_;
    llvm::Type* bytes_ = nullptr;
    llvm::PointerType* pointer_ = nullptr;
    llvm::Function* function_ = nullptr;
    Value *weights_ = nullptr, *inputs_ = nullptr, *outputs_ = nullptr, *arena_ = nullptr;
    Value *first_ = nullptr, *end_ = nullptr;
    std::vector<Value*> input_, output_, buffers_;
};

}  // namespace

void add_driver(llvm::Module& module, const plan::plan& p, std::span<const built_kernel> kernels,
                const emit_options& options) {
    driver_writer(module, p, kernels, options).write();
}

}  // namespace kiln::compiler
