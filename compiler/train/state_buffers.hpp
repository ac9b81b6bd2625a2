// Where the state of a training lies: what a step reads and what it writes. A step that went wrong is forgotten by not
// exchanging the two.
#pragma once

#include <array>
#include <vector>

#include <kiln/compiler/aligned_block.hpp>
#include <kiln/compiler/train/step_graph.hpp>

namespace kiln::train {

class state_buffers {
public:
    /// `changes`: for each tensor whether steps write it; the others have one place.
    state_buffers(const std::vector<state_tensor>& state, const std::vector<bool>& changes);

    /// As kernels take it.
    const std::byte* now(std::size_t i) const { return block(i, current_).data(); }
    std::byte* next(std::size_t i) { return const_cast<std::byte*>(block(i, 1 - current_).data()); }
    /// What was written is what is read from now on.
    void exchange() { current_ = 1 - current_; }

    /// Whether every number that was written, of a float tensor, is one.
    bool next_is_finite(std::size_t i) const;

    tensor value(std::size_t i) const;
    /// `value` has the tensor's shape and type.
    void set(std::size_t i, const tensor& value);

private:
    struct entry {
        std::vector<std::int64_t> shape;
        element type;
        bool changes;
        std::array<compiler::aligned_block, 2> places{};
    };
    const compiler::aligned_block& block(std::size_t i, int which) const;

    std::vector<entry> entries_;
    int current_ = 0;
};

}  // namespace kiln::train
