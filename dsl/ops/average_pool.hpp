// Average pooling over windows of 1 to 3 spatial axes; with the whole input as window it is global pooling.
#pragma once

#include <kiln/dsl/ops/pool.hpp>
#include <kiln/dsl/pooling.hpp>

namespace kiln::ops {

struct average_pool {
    using attributes = pool_attributes;
    static constexpr inferred infer(const attributes& a, std::span<const dims> in) { return pool_shape(a, in); }
    static constexpr kiln::cost cost(const attributes& a, std::span<const dims> in, const dims& out) {
        return pool_cost(a, in, out);
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// average_pool(2_c), average_pool(3_c, stride(2_c), pad(1_c), counting_padding): without a stride it steps by its
/// window.
template <class... Arguments>
constexpr auto average_pool(const Arguments&...) {
    return spell_windowed<spelled_pool<ops::average_pool>, Arguments...>();
}

/// x | global_average_pool: the mean of each channel; every spatial extent becomes 1.
inline constexpr global_pool_layer<ops::average_pool> global_average_pool{};

}  // namespace kiln::dsl
