// What layers do while a network is trained, and what they do otherwise.
//
//   %5 = batch_norm %4, scale, shift, mean, variance
//   ->  m = mean of %4 over batch and positions, v = its variance there (divided by their number)
//       %5 = (%4 - m) * (scale / sqrt(v + epsilon)) + shift
//       mean' = k mean + (1 - k) m, variance' = k variance + (1 - k) v n / (n - 1)
//       (Ioffe, Szegedy 2015, arXiv:1502.03167, algorithms 1 and 2)
//
//   %5 = dropout {rate} %4
//   ->  %5 = select u >= rate, %4 / (1 - rate), 0       u: uniform in [0, 1), from seed, layer, step and element
//       (Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014, "inverted": inference changes nothing)
#pragma once

#include <cstdint>

#include <kiln/compiler/ir/builder.hpp>
#include <kiln/compiler/train/batch_share.hpp>

namespace kiln::train {

/// A batch normalisation with its operands where they are now: parameters are inputs of the step.
struct normalization {
    ir::node_id x, scale, shift, mean, variance;
    double epsilon;
};

/// With statistics that are given.
ir::node_id normalize_by_running(ir::builder& b, const normalization& n);

struct normalized {
    ir::node_id y, mean, variance;  // the last two: the running ones' next values
};

/// With the batch's own. Throws kiln::error where a channel has but one value.
normalized normalize_by_batch(ir::builder& b, const normalization& n, double running_momentum);

/// `steps`: the number of steps so far, which decides with seed and name what is dropped. Shares of a batch lose what
/// the whole batch would have lost.
ir::node_id drop(ir::builder& b, ir::node_id x, double rate, std::uint64_t seed, ir::node_id steps,
                 const batch_share& share);

}  // namespace kiln::train
