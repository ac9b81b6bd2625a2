// The block of weights while the plan is made: every tensor once for each way in which kernels read it.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>

#include <kiln/compiler/plan/call.hpp>
#include <kiln/compiler/plan/plan.hpp>

namespace kiln::plan {

class weights_block {
public:
    /// Weights are listed in `made`, which must outlive it.
    explicit weights_block(plan& made) : made_(made) {}

    /// Where in the block input `input` of a call lies, which has its packing and is a weight.
    std::int64_t place(const call& c, std::size_t input);

private:
    plan& made_;
    std::map<std::tuple<const tensor*, schedules::packing, bool>, std::int64_t> packed_{};
};

}  // namespace kiln::plan
