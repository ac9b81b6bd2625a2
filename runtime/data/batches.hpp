// batches: samples side by side, as a training step takes them.
#pragma once

#include <cstdint>
#include <kiln/runtime/data/augment.hpp>
#include <kiln/runtime/data/intake.hpp>
#include <kiln/runtime/data/split.hpp>
#include <kiln/runtime/tensor.hpp>
#include <span>
#include <vector>

namespace kiln::data {

struct batch {
    std::int64_t first = 0;      // place in the selection
    std::int64_t real = 0;       // how many samples of the selection; after them, its sample `first` is repeated
    std::vector<tensor> inputs;  // one for each intake, {size, ...}
};

/// `size` samples of `s` from place `first` on. The images of input 0 are augmented, each by a key made from `key` and
/// the number of the sample: the same whatever else is in the batch. Requires first < s.count().
batch make_batch(const selection& s, std::int64_t first, std::int64_t size, std::span<const intake> intakes,
                 const augmentation& a = {}, std::uint64_t key = 0);

/// How many of them there are, the last incomplete one included or not.
std::int64_t batches_in(const selection& s, std::int64_t size);
std::int64_t whole_batches_in(const selection& s, std::int64_t size);

}  // namespace kiln::data
