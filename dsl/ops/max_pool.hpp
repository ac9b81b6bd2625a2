// Max pooling over windows of 1 to 3 spatial axes; with the whole input as window it is global pooling.
#pragma once

#include <kiln/dsl/ops/pool.hpp>
#include <kiln/dsl/pooling.hpp>

namespace kiln::ops {

struct max_pool {
    using attributes = pool_attributes;
    static constexpr inferred infer(const attributes& a, std::span<const dims> in) { return pool_shape(a, in); }
    static constexpr kiln::cost cost(const attributes& a, std::span<const dims> in, const dims& out) {
        return pool_cost(a, in, out);
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// max_pool(2_c), max_pool(3_c, stride(2_c), pad(1_c)): without a stride it steps by its window.
template <class... Arguments>
constexpr auto max_pool(const Arguments&...) {
    return spell_windowed<spelled_pool<ops::max_pool>, Arguments...>();
}

/// x | global_max_pool: the largest value of each channel; every spatial extent becomes 1.
inline constexpr global_pool_layer<ops::max_pool> global_max_pool{};

}  // namespace kiln::dsl
