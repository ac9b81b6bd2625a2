// An array that grows, for use during constant evaluation: std::vector is not constexpr for clang 14.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace kiln::dsl {

template <class T>
class growing {
public:
    constexpr growing() = default;
    growing(const growing&) = delete;
    growing& operator=(const growing&) = delete;
    constexpr ~growing() { delete[] items_; }

    constexpr std::int32_t size() const { return size_; }
    constexpr T& operator[](std::int32_t i) { return items_[i]; }
    constexpr const T& operator[](std::int32_t i) const { return items_[i]; }

    constexpr std::span<const T> span() const { return {items_, static_cast<std::size_t>(size_)}; }
    constexpr void clear() { size_ = 0; }

    /// Appends and returns the new item's index.
    constexpr std::int32_t push(const T& item) {
        if (size_ == capacity_) grow();
        items_[size_] = item;
        return size_++;
    }

private:
    constexpr void grow() {
        capacity_ = capacity_ == 0 ? 8 : 2 * capacity_;
        T* larger = new T[static_cast<std::size_t>(capacity_)]();
        for (std::int32_t i = 0; i < size_; ++i) larger[i] = items_[i];
        delete[] items_;
        items_ = larger;
    }

    T* items_ = nullptr;
    std::int32_t size_ = 0, capacity_ = 0;
};

}  // namespace kiln::dsl
