// Memory on the 64-byte boundary that kernels expect of the arena and of packed weights, not initialised.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace kiln::compiler {

inline constexpr std::align_val_t block_alignment{64};

template <class T>
struct aligned_allocator {
    using value_type = T;

    aligned_allocator() = default;
    template <class U>
    aligned_allocator(const aligned_allocator<U>&) {}

    T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), block_alignment)); }
    void deallocate(T* block, std::size_t) { ::operator delete(block, block_alignment); }
    /// Leaves new elements as they are: hundreds of megabytes need not be written twice.
    template <class U>
    void construct(U* element) {
        ::new (static_cast<void*>(element)) U;
    }
    friend bool operator==(const aligned_allocator&, const aligned_allocator&) { return true; }
};

using aligned_block = std::vector<std::byte, aligned_allocator<std::byte>>;

}  // namespace kiln::compiler
