#include <kiln/compiler/ir/builder.hpp>

#include <algorithm>
#include <numeric>

#include <kiln/compiler/extents.hpp>

namespace kiln::ir {
namespace {

/// A shape as reshape's and broadcast_to's attributes hold it.
template <class Attributes>
Attributes extents(const dims& shape) {
    Attributes a{shape.rank, {}};
    std::copy_n(shape.extent.begin(), shape.rank, a.extents.begin());
    return a;
}

}  // namespace

node_id builder::append(node n) {
    n.name = name_;
    g_.nodes.push_back(std::move(n));
    return g_.size() - 1;
}

node_id builder::number(double value) {
    const auto held = static_cast<float>(value);
    const auto found = numbers_.find(held);
    if (found != numbers_.end()) return found->second;
    return numbers_.emplace(held, constant({{}, {held}})).first->second;
}

node_id builder::constant(tensor value) {
    const dims shape = dims_of(value.shape);
    const element type = value.type;
    return append({op::constant, {}, {}, shape, {}, std::make_shared<const tensor>(std::move(value)), type});
}

node_id builder::reshape(node_id x, const dims& shape) {
    if (sample(x) == shape) return x;
    return apply(op::reshape, extents<ops::reshape::attributes>(shape), {x});
}

node_id builder::stretch(node_id x, const dims& shape) {
    if (sample(x) == shape) return x;
    return apply(op::broadcast_to, extents<ops::broadcast_to::attributes>(shape), {x});
}

node_id builder::transpose(node_id x, const std::vector<int>& order) {
    ops::transpose::attributes a;
    std::copy(order.begin(), order.end(), a.order.begin());
    return apply(op::transpose, a, {x});
}

node_id builder::transpose_last(node_id x) {
    std::vector<int> order(static_cast<std::size_t>(sample(x).rank));
    std::iota(order.begin(), order.end(), 0);
    std::swap(order[order.size() - 1], order[order.size() - 2]);
    return transpose(x, order);
}

node_id builder::part(node_id x, int axis, std::int32_t begin, std::int32_t extent, std::int32_t step) {
    const dims shape = sample(x);
    const auto at = static_cast<std::size_t>(axis);
    if (begin == 0 && extent == shape[axis] && step == 1) return x;
    ops::slice::attributes a;
    for (std::size_t i = 0; i < static_cast<std::size_t>(shape.rank); ++i) {
        a.step[i] = 1;
        a.extent[i] = shape.extent[i];
    }
    a.begin[at] = begin;
    a.extent[at] = extent;
    a.step[at] = step;
    return apply(op::slice, a, {x});
}

node_id builder::concat(std::vector<node_id> parts, int axis) {
    if (parts.size() == 1) return parts[0];
    const ops::concat::attributes a{sample(parts.at(0)).rank - 1 - axis};
    return apply(op::concat, a, std::move(parts));
}

node_id builder::padded(node_id x, int axis, std::int32_t before, std::int32_t after) {
    const auto zeros_of = [&](std::int32_t extent) {
        dims shape = sample(x);
        shape[axis] = extent;
        return constant(zeros(extents_of(shape), g_[x].type));
    };
    std::vector<node_id> parts;
    if (before > 0) parts.push_back(zeros_of(before));
    parts.push_back(x);
    if (after > 0) parts.push_back(zeros_of(after));
    return concat(std::move(parts), axis);
}

node_id builder::spread(node_id x, int axis, std::int32_t step) {
    dims shape = sample(x);
    std::int32_t outer = 1, inner = 1;
    for (int i = 0; i < shape.rank; ++i) (i < axis ? outer : inner) *= i == axis ? 1 : shape[i];
    // The axis as pairs of a place and what follows it.
    x = padded(reshape(x, dims::of(outer, shape[axis], 1, inner)), 2, 0, step - 1);
    shape[axis] *= step;
    return part(reshape(x, shape), axis, 0, shape[axis] - step + 1);
}

node_id builder::merged(node_id x) {
    if (has_batch(g_[x])) return apply(op::merge_batch, ops::merge_batch::attributes{batch_of(g_[x])}, {x});
    return reshape(x, prepend(1, g_[x].shape));
}

node_id builder::split_as(node_id x, node_id like) {
    return has_batch(g_[like]) ? apply(op::split_batch, {x}) : reshape(x, drop_first(g_[x].shape));
}

node_id builder::filled(double value, node_id like) {
    const node_id of = number(value);
    if (!has_batch(g_[like])) return stretch(of, g_[like].shape);
    // Only what is computed from a sample has a batch, so the sample is asked something that does not matter.
    return select(equal(like, like), of, of);
}

node_id builder::fitted(node_id x, node_id like) {
    const dims want = sample(like), have = sample(x);
    std::int32_t axes = 0;
    for (int axis = 0; axis < have.rank; ++axis) {
        const int wanted = axis - (have.rank - want.rank);
        if (have[axis] > 1 && (wanted < 0 || want[wanted] == 1)) axes |= 1 << axis;
    }
    // Each sample's sums go first: they are computed side by side, and roundings stay small.
    x = sum(x, axes);
    dims kept = sample(x);
    while (kept.rank > want.rank) kept = drop_first(kept);
    if (has_batch(g_[x]) && !has_batch(g_[like])) {
        if (sample(x).rank >= ops::most_axes) x = reshape(x, dims::of(sample(x).volume()));
        x = sum(merged(x), 1);
    }
    return stretch(reshape(x, kept), want);
}

}  // namespace kiln::ir
