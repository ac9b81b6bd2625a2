#include <fmt/format.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/Support/raw_ostream.h>

#include <kiln/compiler/emit/fail.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::compiler {
namespace {

struct keep_errors final : llvm::DiagnosticHandler {
    explicit keep_errors(std::shared_ptr<std::string> where) : errors(std::move(where)) {}
    bool handleDiagnostics(const llvm::DiagnosticInfo& info) override {
        if (info.getSeverity() != llvm::DS_Error) return true;
        llvm::raw_string_ostream out(*errors);
        llvm::DiagnosticPrinterRawOStream printer(out);
        if (!errors->empty()) out << "; ";
        info.print(printer);
        return true;
    }
    std::shared_ptr<std::string> errors;
};

}  // namespace

void fail_internally(const std::string& doing, const std::string& reason) {
    throw error(fmt::format("internal error while {}: {}", doing, reason));
}

quiet_context::quiet_context()
    : errors_(std::make_shared<std::string>()), context_(std::make_unique<llvm::LLVMContext>()) {
    context_->setDiagnosticHandler(std::make_unique<keep_errors>(errors_));
}

void quiet_context::expect_no_errors(const std::string& doing) const {
    if (!errors_->empty()) fail_internally(doing, *errors_);
}

}  // namespace kiln::compiler
