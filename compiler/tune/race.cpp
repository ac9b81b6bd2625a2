#include <kiln/compiler/tune/race.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kiln::tune {
namespace {

constexpr double doubt = 0.02;  // how often an interval may miss

double median_of(std::vector<double> values) {
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// The largest r for which the r-th smallest and the r-th largest of n values hold the median with enough certainty:
/// both tails of a binomial distribution of n fair coins below r. 0: n is too small.
std::size_t limit_rank(std::size_t n) {
    double tail = 0, term = std::pow(0.5, static_cast<double>(n));
    for (std::size_t r = 0; r < n; ++r) {
        tail += term;
        if (2 * tail > doubt) return r;
        term *= static_cast<double>(n - r) / static_cast<double>(r + 1);
    }
    return 0;
}

}  // namespace

standing standing_of(std::vector<double> ratios) {
    standing s;
    s.rounds = static_cast<int>(ratios.size());
    if (ratios.empty()) return s;
    std::ranges::sort(ratios);
    s.ratio = median_of(ratios);
    const std::size_t rank = limit_rank(ratios.size());
    s.least = rank == 0 ? 0 : ratios[rank - 1];
    s.most = rank == 0 ? std::numeric_limits<double>::infinity() : ratios[ratios.size() - rank];
    return s;
}

std::vector<standing> race(const std::vector<std::function<double()>>& entrants, const race_limits& limits,
                           const std::function<double()>& now) {
    const std::size_t count = entrants.size();
    std::vector<std::vector<double>> times(count), ratios(count);
    std::vector<bool> running(count, true);
    const double start = now();
    for (int round = 1; round <= limits.most_rounds; ++round) {
        std::vector<double> taken(count, 0);
        // Who goes first changes, and with it what the one before leaves in the caches.
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t who = (i + static_cast<std::size_t>(round)) % count;
            if (running[who]) taken[who] = entrants[who]();
        }
        bool undecided = false;
        for (std::size_t who = 0; who < count; ++who) {
            if (!running[who]) continue;
            times[who].push_back(taken[who]);
            if (who == 0) continue;
            ratios[who].push_back(taken[who] / taken[0]);
            const standing s = standing_of(ratios[who]);
            const bool hopeless = round == 3 && std::ranges::min(ratios[who]) > limits.hopeless;
            if (hopeless || (limits.until_decided && s.slower())) running[who] = false;
            undecided |= running[who] && !(limits.until_decided && s.faster());
        }
        const bool any = std::find(running.begin() + (count > 1 ? 1 : 0), running.end(), true) != running.end();
        if (!any || (round >= limits.least_rounds && (!undecided || now() - start > limits.seconds))) break;
    }
    std::vector<standing> result;
    for (std::size_t who = 0; who < count; ++who) {
        result.push_back(standing_of(ratios[who]));
        result.back().milliseconds = median_of(times[who]);
    }
    return result;
}

}  // namespace kiln::tune
