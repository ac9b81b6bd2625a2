// Memory on the 64-byte boundary that kernels expect of the arena and of packed weights, not initialised.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <vector>

namespace kiln::compiler {

inline constexpr std::align_val_t block_alignment{64};

inline constexpr std::size_t huge_page = std::size_t{2} << 20;

template <class T>
struct aligned_allocator {
    using value_type = T;

    aligned_allocator() = default;
    template <class U>
    aligned_allocator(const aligned_allocator<U>&) {}

    T* allocate(std::size_t count) {
        const std::size_t bytes = count * sizeof(T);
        void* block = ::operator new (bytes, bytes < huge_page ? block_alignment : std::align_val_t{huge_page});
        // A network reads its weights end to end: with 4 KiB pages, looking up addresses costs a tenth of the time.
        if (bytes >= huge_page) madvise(block, bytes / huge_page * huge_page, MADV_HUGEPAGE);
        return static_cast<T*>(block);
    }
    void deallocate(T* block, std::size_t count) {
        ::operator delete (block, count * sizeof(T) < huge_page ? block_alignment : std::align_val_t{huge_page});
    }
    /// Leaves new elements as they are: hundreds of megabytes need not be written twice.
    template <class U>
    void construct(U* element) {
        ::new (static_cast<void*>(element)) U;
    }
    friend bool operator==(const aligned_allocator&, const aligned_allocator&) { return true; }
};

using aligned_block = std::vector<std::byte, aligned_allocator<std::byte>>;

}  // namespace kiln::compiler
