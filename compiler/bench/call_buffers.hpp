// Everything a call of a model needs, made once, so that calls can be timed alone.
#pragma once

#include <vector>

#include <kiln/compiler/aligned_block.hpp>
#include <kiln/compiler/plan/plan.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::bench {

struct call_buffers {
    std::vector<const void*> in;  // as model::run takes them
    std::vector<void*> out;
    compiler::aligned_block arena;

    /// `inputs` must live as long as this.
    call_buffers(const plan::plan& p, const std::vector<tensor>& inputs);
    call_buffers(const call_buffers&) = delete;
    call_buffers& operator=(const call_buffers&) = delete;

private:
    std::vector<std::vector<std::byte>> integers_;  // of inputs that are no floats
    std::vector<std::vector<std::byte>> results_;
};

}  // namespace kiln::bench
