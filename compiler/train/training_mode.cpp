#include <kiln/compiler/train/training_mode.hpp>

#include <fmt/format.h>

#include <kiln/runtime/error.hpp>
#include <kiln/runtime/random.hpp>

namespace kiln::train {
namespace {

using ir::node_id;

/// One mean for each channel, over positions and batch. Each sample's go first: they are computed side by side.
node_id mean_of_channels(ir::builder& b, node_id x) {
    const dims shape = b.sample(x);
    const std::int32_t positions = (1 << shape.spatial_rank()) - 1;
    if (positions != 0) x = b.reduce(reduce_function::mean, x, positions);
    x = b.reshape(x, dims::of(shape.channels()));
    return b.reshape(b.reduce(reduce_function::mean, b.merged(x), 1), dims::of(shape.channels()));
}

/// k x + (1 - k) y
node_id blended(ir::builder& b, node_id x, node_id y, double k) { return b.add(b.scale(x, k), b.scale(y, 1 - k)); }

/// `extent` whole numbers `step` apart along `axis` of `rank` axes.
node_id counting(ir::builder& b, std::int64_t extent, std::int64_t step, int axis, int rank) {
    tensor numbers = zeros(std::vector<std::int64_t>(static_cast<std::size_t>(rank - axis), 1), element::int64);
    numbers.shape[0] = extent;
    numbers.integers.resize(static_cast<std::size_t>(extent));
    for (std::int64_t i = 0; i < extent; ++i) numbers.integers[static_cast<std::size_t>(i)] = i * step;
    return b.constant(std::move(numbers));
}

/// A number of its own for each element of x in each step and share, batched as x is.
node_id counters(ir::builder& b, node_id x, node_id steps, const batch_share& share) {
    const dims sample = b.sample(x);
    const std::int64_t each = sample.volume(), batch = ir::batch_of(b.built()[x]);
    node_id before = b.multiply(steps, b.constant({{1}, {}, element::int64, {each * batch * share.of}}));
    if (share.index > 0) before = b.add(before, b.constant({{1}, {}, element::int64, {each * batch * share.index}}));
    const node_id first = b.add(before, counting(b, batch, each, 0, sample.rank + 1));
    node_id number = b.split_as(first, x);
    std::int64_t stride = each;
    for (int axis = 0; axis < sample.rank; ++axis) {
        stride /= sample[axis];
        if (sample[axis] > 1) number = b.add(number, counting(b, sample[axis], stride, axis, sample.rank));
    }
    return number;
}

}  // namespace

node_id normalize_by_running(ir::builder& b, const normalization& n) {
    const node_id factor = b.divide(n.scale, b.square_root(b.shift(n.variance, n.epsilon)));
    return b.add(b.multiply(n.x, factor), b.subtract(n.shift, b.multiply(n.mean, factor)));
}

normalized normalize_by_batch(ir::builder& b, const normalization& n, double running_momentum) {
    const ir::node& x = b.built()[n.x];
    const double values = static_cast<double>(x.shape.volume()) / x.shape.channels();
    if (values < 2)
        throw error(
            fmt::format("{}: with a batch of 1, batch normalisation sees one value of each channel, which has "
                        "no variance: train with a larger batch, or freeze the layer",
                        b.name()));
    const node_id mean = mean_of_channels(b, n.x);
    const node_id centred = b.subtract(n.x, mean);
    const node_id variance = mean_of_channels(b, b.square(centred));
    const node_id factor = b.divide(n.scale, b.square_root(b.shift(variance, n.epsilon)));
    return {b.add(b.multiply(centred, factor), n.shift), blended(b, n.mean, mean, running_momentum),
            blended(b, n.variance, b.scale(variance, values / (values - 1)), running_momentum)};
}

node_id drop(ir::builder& b, node_id x, double rate, std::uint64_t seed, node_id steps, const batch_share& share) {
    const auto key = ops::random::of_key(random_key(seed, b.name()));
    const node_id uniform = b.apply(op::random, key, {counters(b, x, steps, share)});
    return b.select(b.less(uniform, b.number(rate)), b.number(0), b.scale(x, 1 / (1 - rate)));
}

}  // namespace kiln::train
