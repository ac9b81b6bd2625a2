#include <fmt/format.h>
#include <llvm/ExecutionEngine/Orc/ExecutionUtils.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/ExecutionEngine/Orc/RTDyldObjectLinkingLayer.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>

#include <kiln/compiler/emit/llvm_compat.hpp>
#include <kiln/compiler/emit/system_symbols.hpp>
#include <kiln/compiler/load/jit.hpp>
#include <kiln/compiler/load/object_memory.hpp>
#include <kiln/runtime/error.hpp>
#include <mutex>

namespace kiln::compiler {
namespace {

[[noreturn]] void fail(const std::string& function_name, const std::string& reason) {
    throw error(fmt::format("the compiled model '{}' cannot be loaded into this process: {}", function_name, reason));
}

template <class T>
T loaded(llvm::Expected<T> expected, const std::string& function_name) {
    if (!expected) fail(function_name, llvm::toString(expected.takeError()));
    return std::move(*expected);
}

std::unique_ptr<llvm::orc::LLJIT> make_jit(std::size_t object_bytes, const std::string& name) {
    static std::once_flag once;
    std::call_once(once, [] {
        llvm::InitializeNativeTarget();
        llvm::InitializeNativeTargetAsmPrinter();
    });
    llvm::orc::LLJITBuilder builder;
    // Nothing is compiled in here and objects have no constructors, so ORC's platform support would be idle work.
    builder.setPlatformSetUp(llvm::orc::setUpInactivePlatform);
    builder.setObjectLinkingLayerCreator([object_bytes](llvm::orc::ExecutionSession& session, const llvm::Triple&) {
        return std::make_unique<llvm::orc::RTDyldObjectLinkingLayer>(
            session, [object_bytes] { return make_object_memory(object_bytes); });
    });
    return loaded(builder.create(), name);
}

template <class Function>
Function* symbol_of(llvm::orc::LLJIT& jit, const std::string& symbol, const std::string& name) {
    return llvm_compat::function_at<Function>(loaded(jit.lookup(symbol), name));
}

}  // namespace

struct loaded_object::state {
    std::unique_ptr<llvm::orc::LLJIT> jit;
    execute_function execute = nullptr;
    int (*set_threads)(int) = nullptr;
    void (*stop_threads)() = nullptr;

    ~state() {
        // The pool's threads run the object's code: they end before it goes.
        if (stop_threads) stop_threads();
    }
};

loaded_object::loaded_object(const std::string& object, const std::string& function_name)
    : state_(std::make_unique<state>()) {
    state_->jit = make_jit(object.size(), function_name);
    llvm::orc::LLJIT& jit = *state_->jit;
    // Halide's library, if this process has it, has symbols of the same names as the object's runtime: only the C
    // library's are taken from outside.
    auto& library = jit.getMainJITDylib();
    library.addGenerator(loaded(llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
                                    jit.getDataLayout().getGlobalPrefix(),
                                    [](const llvm::orc::SymbolStringPtr& symbol) {
                                        return is_system_symbol({(*symbol).data(), (*symbol).size()});
                                    }),
                                function_name));
    if (auto failure = jit.addObjectFile(llvm::MemoryBuffer::getMemBuffer(object, function_name, false)))
        fail(function_name, llvm::toString(std::move(failure)));
    // The first look-up links the whole object.
    state_->execute =
        symbol_of<std::remove_pointer_t<execute_function>>(jit, function_name + "_execute", function_name);
    state_->set_threads = symbol_of<int(int)>(jit, "halide_set_num_threads", function_name);
    state_->stop_threads = symbol_of<void()>(jit, "halide_shutdown_thread_pool", function_name);
}

loaded_object::~loaded_object() = default;
loaded_object::loaded_object(loaded_object&&) noexcept = default;
loaded_object& loaded_object::operator=(loaded_object&&) noexcept = default;

execute_function loaded_object::execute() const { return state_->execute; }

void loaded_object::set_threads(int threads) const {
    if (threads < 0)
        throw error(fmt::format("the number of threads must be 0 (all processors) or more, found {}", threads));
    state_->set_threads(threads);
}

}  // namespace kiln::compiler
