// The blocks of memory that steps use, each while it is used: the layout's buffers, with their numbers, and behind them
// what only the steps know of: scratch, and filters that are packed while the model runs.
#pragma once

#include <cstdint>
#include <vector>

#include <kiln/compiler/plan/arena.hpp>
#include <kiln/compiler/plan/call.hpp>
#include <kiln/compiler/plan/layout.hpp>
#include <kiln/compiler/plan/plan.hpp>
#include <kiln/schedules/scratch.hpp>

namespace kiln::plan {

class step_memory {
public:
    /// Its buffers are given their places too; it must outlive this.
    explicit step_memory(layout& buffers);

    /// Another block, of this size.
    int add(std::int64_t bytes);
    /// Steps are told in order.
    void use(int block, int step);
    /// What must be zero before a step; `arena_byte` counts from the block's begin.
    void zero_before(int step, int block, const zero_fill& fill);
    /// A step's scratch with room for so many threads.
    void use_scratch(int step, const schedules::scratch& scratch, std::int32_t threads);

    /// Gives every block its place, and the steps of `made` their zeros and their scratch.
    void assign(plan& made);
    /// Of an argument in a block, which must have its place.
    place place_of(const argument& a) const;

private:
    struct step_scratch {
        int step = 0, block = 0;
        schedules::scratch what;
    };
    struct step_zeros {
        int step = 0, block = 0;
        zero_fill fill;
    };

    void place_scratch(const step_scratch& s, plan& made);

    layout& layout_;
    std::vector<lifetime> lives_;  // by block
    std::vector<step_scratch> scratch_;
    std::vector<step_zeros> zeros_;
};

}  // namespace kiln::plan
