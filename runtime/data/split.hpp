// split: which samples are learned from, which tell how it goes, which judge in the end; and in what order.
#pragma once

#include <cstdint>
#include <kiln/runtime/data/data_set.hpp>
#include <vector>

namespace kiln::data {

/// Some samples of a part, in an order. Valid while the part is.
struct selection {
    const part* from = nullptr;
    std::vector<std::int64_t> samples{};

    std::int64_t count() const { return static_cast<std::int64_t>(samples.size()); }
};

struct selections {
    selection train, validation, test;
};

/// The data set's own parts. What it lacks is drawn from its training samples by `seed`: these fractions of them (0:
/// none), rounded. Throws kiln::error when nothing would be left to train on.
selections split(const data_set& set, double validation, double test, std::uint64_t seed);

/// The same samples in an order that depends on `key` alone (Fisher and Yates; Durstenfeld 1964).
std::vector<std::int64_t> shuffled(std::vector<std::int64_t> samples, std::uint64_t key);

}  // namespace kiln::data
