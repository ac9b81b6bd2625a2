#include <llvm/ExecutionEngine/SectionMemoryManager.h>
#include <sys/mman.h>
#include <unistd.h>

#include <kiln/compiler/load/object_memory.hpp>

namespace kiln::compiler {
namespace {

/// Hands out pages of one reserved range, in order; gives the range back as a whole.
class one_range final : public llvm::SectionMemoryManager::MemoryMapper {
public:
    explicit one_range(std::size_t bytes) : bytes_(bytes) {
        void* range = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (range != MAP_FAILED) start_ = static_cast<char*>(range);
    }
    ~one_range() override {
        if (start_) ::munmap(start_, bytes_);
    }

    llvm::sys::MemoryBlock allocateMappedMemory(llvm::SectionMemoryManager::AllocationPurpose, std::size_t bytes,
                                                const llvm::sys::MemoryBlock*, unsigned flags,
                                                std::error_code& code) override {
        const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
        const std::size_t rounded = (bytes + page - 1) / page * page;
        if (!start_ || rounded > bytes_ - used_) {
            code = std::make_error_code(std::errc::not_enough_memory);
            return {};
        }
        const llvm::sys::MemoryBlock block(start_ + used_, rounded);
        used_ += rounded;
        code = protectMappedMemory(block, flags);
        return block;
    }
    std::error_code protectMappedMemory(const llvm::sys::MemoryBlock& block, unsigned flags) override {
        return llvm::sys::Memory::protectMappedMemory(block, flags);
    }
    std::error_code releaseMappedMemory(llvm::sys::MemoryBlock&) override { return {}; }

private:
    char* start_ = nullptr;
    std::size_t bytes_, used_ = 0;
};

/// The range must outlive the manager that places sections in it: bases are constructed first and destroyed last.
struct range_owner {
    explicit range_owner(std::size_t bytes) : range(bytes) {}
    one_range range;
};

struct object_memory final : range_owner, llvm::SectionMemoryManager {
    explicit object_memory(std::size_t bytes) : range_owner(bytes), SectionMemoryManager(&range) {}
};

}  // namespace

std::unique_ptr<llvm::RuntimeDyld::MemoryManager> make_object_memory(std::size_t object_bytes) {
    // Sections grow by alignment, zero-initialised data and call stubs; what is never touched costs only addresses.
    return std::make_unique<object_memory>(4 * object_bytes + (std::size_t{64} << 20));
}

}  // namespace kiln::compiler
