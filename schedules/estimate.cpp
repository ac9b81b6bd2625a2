#include <kiln/schedules/estimate.hpp>

#include <algorithm>
#include <cmath>

#include <kiln/schedules/direct_conv.hpp>
#include <kiln/schedules/filter_gradient.hpp>
#include <kiln/schedules/strassen.hpp>
#include <kiln/schedules/streaming.hpp>
#include <kiln/schedules/winograd.hpp>
#include <kiln/schedules/winograd_rows.hpp>

namespace kiln::schedules {
namespace {

double vectors(double extent, std::int32_t lanes) { return std::ceil(extent / lanes); }

double outer_extents(const kernel& k) {
    double product = 1;
    for (std::size_t axis = 2; axis < axes; ++axis) product *= k.output.extent[axis];
    return product;
}

/// Steps of an accumulator, from the operations of the whole kernel: a multiply-add is two.
double steps_of_an_output(const kernel& k) {
    double outputs = outer_extents(k) * k.output.extent[0] * k.output.extent[1];
    return std::max(1.0, static_cast<double>(work_of(k)) / 2 / outputs);
}

/// Positions along x in a vector; each step loads one vector and a filter's value.
double narrow_cycles(const kernel& k, std::int32_t lanes) {
    return vectors(k.output.extent[1], lanes) * k.output.extent[0] * outer_extents(k) * steps_of_an_output(k) * 4;
}

/// Channels in a vector, `tile` positions side by side: a window's filters are loaded once a tile, and accumulators
/// wait for each other where there are few.
double depthwise_cycles(const kernel& k, std::int32_t lanes, std::int32_t tile) {
    const double tiles = vectors(k.output.extent[1], tile), blocks = vectors(k.output.extent[0], lanes);
    const double step = std::max(4.0, (tile * 2 + 1) / 2.0) + 0.5;
    return tiles * blocks * outer_extents(k) * steps_of_an_output(k) * step;
}

/// A vector along an axis whose values do not lie side by side is gathered one by one.
double streaming_cycles(const kernel& k, const streaming_parameters& p) {
    const std::size_t along = p.along_x ? 1 : 0;
    const bool gathers = k.inputs.empty() ? false : k.inputs[0].where.stride[along] != 1;
    const double count = vectors(k.output.extent[along], p.lanes) * k.output.extent[1 - along] * outer_extents(k);
    return count * steps_of_an_output(k) * (gathers ? p.lanes : 1.0);
}

}  // namespace

double estimated_cycles(const kernel& k, const machine& m, const schedule& how, int threads) {
    kernel scheduled = k;
    scheduled.how = how;
    const auto& p = how.parameters;
    switch (how.which) {
        case family::direct_conv: return direct_conv_cycles(k, m, direct_conv_parameters_of(how)) / threads;
        case family::winograd: return winograd_cycles(k, m, winograd_parameters_of(how), threads);
        case family::winograd_rows: return winograd_rows_cycles(k, m, winograd_rows_parameters_of(how)) / threads;
        case family::strassen: return strassen_cycles(k, m, strassen_parameters_of(how), threads);
        case family::narrow_conv: return narrow_cycles(k, p[0]) / threads;
        case family::depthwise_conv: return depthwise_cycles(k, p[0], p[1]) / threads;
        case family::filter_gradient:
            return filter_gradient_cycles(k, m, filter_gradient_parameters_of(scheduled)) / threads;
        case family::winograd_filters: return streaming_cycles(k, {p[0], p[1] > 0}) / threads;  // loads along channels
        case family::pooling:
        case family::softmax:
        case family::pointwise: return streaming_cycles(k, {p[0], p[1]}) / threads;
    }
    return 0;
}

}  // namespace kiln::schedules
