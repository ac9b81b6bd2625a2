// What the references of operators share that arrange values anew: positions, and copying an element of any type.
#pragma once

#include <array>
#include <vector>

#include <kiln/compiler/ops/operator.hpp>

namespace kiln::compiler {

/// A place in a tensor, without memory of its own: there is one for every element.
class position {
public:
    explicit position(std::size_t rank) : rank_(rank) {}
    std::size_t size() const { return rank_; }
    std::int64_t operator[](std::size_t axis) const { return at_[axis]; }
    std::int64_t& operator[](std::size_t axis) { return at_[axis]; }

private:
    std::array<std::int64_t, static_cast<std::size_t>(max_rank)> at_{};
    std::size_t rank_;
};

/// The position of element `i` in a tensor of that shape.
inline position position_of(std::size_t i, const std::vector<std::int64_t>& shape) {
    position at(shape.size());
    for (std::size_t axis = shape.size(); axis-- > 0;) {
        at[axis] = static_cast<std::int64_t>(i) % shape[axis];
        i /= static_cast<std::size_t>(shape[axis]);
    }
    return at;
}

inline std::size_t index_of(const position& at, const std::vector<std::int64_t>& shape) {
    std::int64_t index = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) index = index * shape[axis] + at[axis];
    return static_cast<std::size_t>(index);
}

inline void copy_element(const tensor& from, std::size_t i, tensor& to, std::size_t k) {
    if (from.type == element::float32)
        to.values[k] = from.values[i];
    else
        to.integers[k] = from.integers[i];
}

/// The reference of operators that leave elements in their order.
inline void keep_order(const attribute_words&, std::span<const tensor* const> in, tensor& out) {
    for (std::size_t i = 0; i < out.size(); ++i) copy_element(*in[0], i, out, i);
}

/// out[p] = in[where(p)] for every position p of `out`.
template <class Where>
void move_elements(const tensor& in, tensor& out, Where where) {
    for (std::size_t k = 0; k < out.size(); ++k)
        copy_element(in, index_of(where(position_of(k, out.shape)), in.shape), out, k);
}

}  // namespace kiln::compiler
