#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <kiln/runtime/data/split.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/random.hpp>
#include <numeric>
#include <utility>

namespace kiln::data {
namespace {

selection all_of(const part& p) {
    selection s{&p, std::vector<std::int64_t>(static_cast<std::size_t>(p.count))};
    std::iota(s.samples.begin(), s.samples.end(), 0);
    return s;
}

/// The last `count` of `from` move to a selection of their own, which goes through memory in order.
selection taken(selection& from, std::int64_t count) {
    selection s{from.from, {from.samples.end() - count, from.samples.end()}};
    from.samples.resize(from.samples.size() - static_cast<std::size_t>(count));
    std::ranges::sort(s.samples);
    return s;
}

}  // namespace

selections split(const data_set& set, double validation, double test, std::uint64_t seed) {
    selections s{all_of(set.train), all_of(set.validation), all_of(set.test)};
    const auto share = [&](const part& own, double fraction) {
        return own.count > 0 ? 0 : std::llround(fraction * static_cast<double>(set.train.count));
    };
    const std::int64_t to_validate = share(set.validation, validation), to_test = share(set.test, test);
    if (to_validate + to_test >= set.train.count)
        throw error(fmt::format("{}: of {} samples, {} for validation and {} for testing leave none to train on",
                                set.name, set.train.count, to_validate, to_test));
    if (to_validate + to_test == 0) return s;
    s.train.samples = shuffled(std::move(s.train.samples), random_key(seed, "split"));
    if (to_test > 0) s.test = taken(s.train, to_test);
    if (to_validate > 0) s.validation = taken(s.train, to_validate);
    std::ranges::sort(s.train.samples);
    return s;
}

std::vector<std::int64_t> shuffled(std::vector<std::int64_t> samples, std::uint64_t key) {
    random_stream random(key);
    for (std::size_t i = samples.size(); i > 1; --i) std::swap(samples[i - 1], samples[random.below(i)]);
    return samples;
}

}  // namespace kiln::data
