// LLVM's ways of reporting trouble, turned into kiln::error.
#pragma once

#include <llvm/IR/LLVMContext.h>
#include <llvm/Support/Error.h>

#include <memory>
#include <string>

namespace kiln::compiler {

/// Throws kiln::error: "internal error while DOING: REASON".
[[noreturn]] void fail_internally(const std::string& doing, const std::string& reason);

/// The value, or fail_internally.
template <class T>
T value_or_fail(llvm::Expected<T> expected, const std::string& doing) {
    if (!expected) fail_internally(doing, llvm::toString(expected.takeError()));
    return std::move(*expected);
}

/// A context whose errors are kept instead of printed (LLVM's default ends the process).
class quiet_context {
public:
    quiet_context();
    llvm::LLVMContext& get() { return *context_; }
    /// fail_internally if there were errors.
    void expect_no_errors(const std::string& doing) const;

private:
    std::shared_ptr<std::string> errors_;  // the handler outlives a move
    std::unique_ptr<llvm::LLVMContext> context_;
};

}  // namespace kiln::compiler
