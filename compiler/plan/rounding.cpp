#include <kiln/compiler/plan/rounding.hpp>

namespace kiln::plan {

std::optional<tensor> int8_scales(const tensor& weights) {
    const auto filters = static_cast<std::size_t>(weights.shape.back());
    tensor scales{{weights.shape.back()}, std::vector<float>(filters)};
    for (std::size_t i = 0; i < weights.values.size(); ++i) {
        const float size = std::abs(weights.values[i]);
        if (!std::isfinite(size)) return {};
        float& largest = scales.values[i % filters];
        largest = std::max(largest, size);
    }
    for (float& s : scales.values) s /= 127;
    return scales;
}

}  // namespace kiln::plan
