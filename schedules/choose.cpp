#include <set>
#include <stdexcept>
#include <utility>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/dsl/ops/max_unpool.hpp>
#include <kiln/dsl/ops/reduce.hpp>
#include <kiln/schedules/conv_variants.hpp>
#include <kiln/schedules/direct_conv.hpp>
#include <kiln/schedules/family.hpp>
#include <kiln/schedules/filter_gradient.hpp>
#include <kiln/schedules/strassen.hpp>
#include <kiln/schedules/streaming.hpp>
#include <kiln/schedules/winograd.hpp>
#include <kiln/schedules/winograd_filters.hpp>
#include <kiln/schedules/winograd_rows.hpp>

namespace kiln::schedules {
namespace {

/// Whether a reduction has more than one element to reduce.
bool reduces(const kernel& k) {
    const auto a = unpack<ops::reduce::attributes>(k.attributes);
    for (int axis = 0; axis < axes; ++axis)
        if (a.has(axis) && k.inputs[0].where.extent[static_cast<std::size_t>(axis)] > 1) return true;
    return false;
}

// A convolution may still be Winograd's.
family family_of(const kernel& k, const machine& m) {
    if (k.what == anchor::copy) return family::pointwise;
    if (k.what == anchor::filter_transform) return family::winograd_filters;
    switch (k.kind) {
        case op::max_pool:
        case op::max_pool_place:
        case op::average_pool:
        case op::reduce: return reduces(k) ? family::pooling : family::pointwise;
        case op::max_unpool:
            return ops::max_unpool::windows(unpack<ops::max_unpool::attributes>(k.attributes)) > 1 ? family::pooling
                                                                                                   : family::pointwise;
        case op::ranking:
            return k.output.extent[static_cast<std::size_t>(k.attributes[0])] > 1  // its axis
                       ? family::pooling
                       : family::pointwise;
        case op::matmul:
        case op::local_response_norm: return family::pooling;
        case op::softmax: return family::softmax;
        case op::filter_gradient: return family::filter_gradient;
        case op::conv: break;
        default: return family::pointwise;
    }
    const auto a = unpack<ops::conv::attributes>(k.attributes);
    if (a.groups == k.inputs[0].where.extent[0] && a.groups == a.filters && a.groups > 1) return family::depthwise_conv;
    const bool side_by_side = k.inputs[0].where.stride[1] == 1;
    if (is_narrow(a.filters / a.groups, k.output.extent[1], side_by_side, m)) return family::narrow_conv;
    return family::direct_conv;
}

// What Strassen's saves, an eighth at most, is little more than what the estimates are wrong by.
constexpr double doubt_of_strassen = 1.03;

/// All products, or fewer by Winograd's or Strassen's algorithm.
schedule products_or_fewer(const kernel& k, const machine& m, precision allowed) {
    const direct_conv_parameters direct = direct_conv_defaults(k, m);
    if (allowed == precision::strict) return schedule_of(direct);
    if (winograd_takes(k, m)) {
        const winograd_parameters winograd = winograd_defaults(k, m);
        if (winograd_cost(k, m, winograd) < direct_conv_cycles(k, m, direct)) return schedule_of(winograd);
    }
    if (winograd_rows_takes(k, m) && winograd_rows_may_pay(k, m)) {
        const winograd_rows_parameters rows = winograd_rows_defaults(k, m);
        if (winograd_rows_cycles(k, m, rows) < direct_conv_cycles(k, m, direct)) return schedule_of(rows);
    }
    if (strassen_takes(k, m)) {
        const strassen_parameters strassen = strassen_defaults(k, m);
        if (doubt_of_strassen * strassen_cost(k, m, strassen) < direct_conv_cycles(k, m, direct))
            return schedule_of(strassen);
    }
    return schedule_of(direct);
}

/// The same by those that can pool what they compute.
schedule pooled_products(const kernel& k, const machine& m) {
    if (!winograd_rows_takes(k, m)) return schedule_of(winograd_defaults(k, m));
    const winograd_rows_parameters rows = winograd_rows_defaults(k, m);
    if (!winograd_takes(k, m)) return schedule_of(rows);
    const winograd_parameters tiles = winograd_defaults(k, m);
    const bool cheaper = winograd_rows_may_pay(k, m) && winograd_rows_cycles(k, m, rows) < winograd_cost(k, m, tiles);
    return cheaper ? schedule_of(rows) : schedule_of(tiles);
}

std::int32_t block_of(const schedule& how) {
    switch (how.which) {
        case family::direct_conv:
        case family::winograd:
        case family::winograd_rows:
        case family::strassen: return how.parameters[1];
        default: return 1;
    }
}

packing::kind layout_of_filters(const schedule& how) {
    switch (how.which) {
        case family::winograd:
            return winograd_parameters_of(how).chunk > 0 ? packing::kind::taps : packing::kind::winograd;
        case family::winograd_rows: return packing::kind::rows;
        case family::strassen: return packing::kind::strassen;
        default: return packing::kind::filters;
    }
}

winograd_tile tile_of(const kernel& k) {
    switch (k.how.which) {
        case family::winograd: return winograd_shape_of(k, winograd_parameters_of(k.how)).tile;
        case family::winograd_rows: return winograd_rows_tile_of(k, winograd_rows_parameters_of(k.how));
        default: return {};
    }
}

}  // namespace

schedule default_schedule(const kernel& k, const machine& m, precision allowed) {
    if (k.pool > 1) return pooled_products(k, m);
    const family which = family_of(k, m);
    switch (which) {
        case family::direct_conv:
        case family::winograd:
        case family::winograd_rows:
        case family::strassen: return products_or_fewer(k, m, allowed);
        case family::narrow_conv: return schedule_of(narrow_conv_defaults(k, m));
        case family::depthwise_conv: return schedule_of(depthwise_conv_defaults(k, m));
        case family::filter_gradient: return schedule_of(filter_gradient_defaults(k, m));
        case family::winograd_filters: return schedule_of(winograd_filters_defaults(k, m));
        case family::pooling:
        case family::softmax:
        case family::pointwise: return schedule_of(which, streaming_defaults(k, m));
    }
    throw std::logic_error("no such family");
}

bool can_pool(const kernel& k, const machine& m) { return winograd_takes(k, m) || winograd_rows_takes(k, m); }

bool is_winograd(family which) { return which == family::winograd || which == family::winograd_rows; }

std::vector<schedule> candidates(const kernel& k, const machine& m, precision allowed) {
    const schedule usual = default_schedule(k, m, allowed);
    std::vector<schedule> all{usual};
    // Different ways of cutting can give the same blocks.
    std::set<std::pair<family, decltype(schedule::parameters)>> seen{{usual.which, usual.parameters}};
    const auto add = [&](const schedule& s) {
        if (seen.emplace(s.which, s.parameters).second) all.push_back(s);
    };
    switch (usual.which) {
        case family::direct_conv:
        case family::winograd:
        case family::winograd_rows:
        case family::strassen:
            if (k.pool == 1) for_each_direct_conv(k, m, [&](const direct_conv_parameters& p) { add(schedule_of(p)); });
            if (allowed == precision::strict) break;
            if (winograd_takes(k, m))
                for_each_winograd(k, m, [&](const winograd_parameters& p) { add(schedule_of(p)); });
            if (winograd_rows_takes(k, m))
                for_each_winograd_rows(k, m, [&](const winograd_rows_parameters& p) { add(schedule_of(p)); });
            if (k.pool == 1 && strassen_takes(k, m))
                for_each_strassen(k, m, [&](const strassen_parameters& p) { add(schedule_of(p)); });
            break;
        case family::narrow_conv:
            for_each_narrow_conv(k, m, [&](const narrow_parameters& p) { add(schedule_of(p)); });
            break;
        case family::depthwise_conv:
            for_each_depthwise_conv(k, m, [&](const depthwise_parameters& p) { add(schedule_of(p)); });
            break;
        case family::pooling:
        case family::pointwise:
            for_each_streaming(k, m, [&](const streaming_parameters& p) { add(schedule_of(usual.which, p)); });
            break;
        case family::filter_gradient:
            for_each_filter_gradient(k, m, [&](const filter_gradient_parameters& p) { add(schedule_of(p)); });
            break;
        case family::winograd_filters:
            for_each_winograd_filters(k, m, [&](const winograd_filters_parameters& p) { add(schedule_of(p)); });
            break;
        case family::softmax: break;
    }
    return all;
}

void choose(kernel& k, const machine& m, precision allowed) { set_schedule(k, default_schedule(k, m, allowed)); }

void set_schedule(kernel& k, const schedule& how) {
    k.how = how;
    const std::int32_t block = block_of(how);
    const winograd_tile tile = tile_of(k);
    for (std::size_t i = 0; i < k.inputs.size(); ++i) {
        operand& o = k.inputs[i];
        if (!o.is_weight) continue;
        const bool anchors = static_cast<int>(i) < k.anchor_operands;
        const bool per_channel =
            o.shape.rank == 1 && o.shape[0] == k.output.extent[0] && o.where.type == element::float32;
        const bool convolves = k.what == anchor::operation && k.kind == op::conv;
        if (per_channel && (convolves || !anchors))
            o.packed = {packing::kind::vector, block};
        else if (anchors && convolves && k.how.which != family::depthwise_conv)
            o.packed = {layout_of_filters(how), block, tile, o.packed.stored};
        else
            o.packed = {};
    }
}

scratch scratch_of(const kernel& k) {
    switch (k.how.which) {
        case family::winograd: return winograd_scratch(k, winograd_parameters_of(k.how));
        case family::strassen: return strassen_scratch(k, strassen_parameters_of(k.how));
        default: return {};
    }
}

void apply(const kernel& k, const machine&, stages& s) {
    const auto& p = k.how.parameters;
    switch (k.how.which) {
        case family::direct_conv: schedule_direct_conv(k, direct_conv_parameters_of(k.how), s); break;
        case family::winograd: schedule_winograd(k, winograd_parameters_of(k.how), s); break;
        case family::winograd_rows: schedule_winograd_rows(k, winograd_rows_parameters_of(k.how), s); break;
        case family::strassen: schedule_strassen(k, strassen_parameters_of(k.how), s); break;
        case family::narrow_conv: schedule_narrow_conv(k, {p[0], p[1], p[2]}, s); break;
        case family::depthwise_conv: schedule_depthwise_conv(k, depthwise_parameters_of(k.how), s); break;
        case family::filter_gradient: schedule_filter_gradient(k, filter_gradient_parameters_of(k), s); break;
        case family::winograd_filters: schedule_winograd_filters(k, winograd_filters_parameters_of(k), s); break;
        case family::pooling: schedule_pooling(k, {p[0], p[1]}, s); break;
        case family::softmax: schedule_softmax(k, {p[0], p[1]}, s); break;
        case family::pointwise: schedule_pointwise(k, {p[0], p[1]}, s); break;
    }
}

}  // namespace kiln::schedules
