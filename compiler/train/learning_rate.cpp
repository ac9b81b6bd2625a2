#include <kiln/compiler/train/learning_rate.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kiln::train {

double learning_rate(const rate_options& o, std::int64_t step, std::int64_t steps_per_epoch, std::int64_t epochs) {
    const auto at = static_cast<double>(step), epoch = static_cast<double>(steps_per_epoch);
    const double warming = std::round(o.warm_up * epoch);
    if (at < warming) return o.rate * (at + 1) / warming;
    const double done = at - warming;
    switch (o.schedule) {
        case rate_schedule::constant: return o.rate;
        case rate_schedule::step: return o.rate * std::pow(o.factor, std::floor(done / (o.every * epoch)));
        case rate_schedule::cosine: break;
    }
    const double all = std::max(1.0, static_cast<double>(epochs) * epoch - warming);
    return o.rate / 2 * (1 + std::cos(std::numbers::pi * std::min(1.0, done / all)));
}

}  // namespace kiln::train
