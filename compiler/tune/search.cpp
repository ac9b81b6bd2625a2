#include <kiln/compiler/tune/search.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include <kiln/schedules/estimate.hpp>
#include <kiln/schedules/strassen.hpp>
#include <kiln/schedules/winograd.hpp>

namespace kiln::tune {
namespace {

// Of estimates and measurements that differ by the same factor everywhere only the differences matter: a candidate far
// from everything measured is judged by its estimate alone, as if there were this much evidence for no correction.
constexpr double prior_weight = 0.3;
constexpr double trials_until_half = 12;  // how many trials in vain halve a kernel's promise

// How much slower than the leader a finalist may be alone: what other layers leave in the caches changes more than that
// between Winograd's tiles, whose weights are of different sizes.
constexpr double tolerated_in_finals = 1.25;

/// What the estimates of two schedules must share to be compared well: the family, and what their loops differ in most.
using kind = std::pair<schedules::family, std::int32_t>;

kind kind_of(const schedules::schedule& how) {
    switch (how.which) {
        case schedules::family::winograd: {
            const schedules::winograd_parameters p = schedules::winograd_parameters_of(how);
            return {how.which, 2 * p.tile + (p.chunk > 0 ? 1 : 0)};
        }
        case schedules::family::strassen: return {how.which, schedules::strassen_parameters_of(how).block};
        default: return {how.which, 0};
    }
}

/// How unlike two schedules are: powers of two between their parameters, a whole step for another family.
double distance(const schedules::schedule& a, const schedules::schedule& b) {
    double sum = a.which == b.which ? 0 : 4;
    for (std::size_t i = 0; i < a.parameters.size(); ++i) {
        const double step = std::log2(1.0 + std::abs(a.parameters[i])) - std::log2(1.0 + std::abs(b.parameters[i]));
        sum += step * step;
    }
    return sum;
}

}  // namespace

kernel_search::kernel_search(schedules::kernel usual, const schedules::machine& m,
                             std::vector<schedules::schedule> legal, int calls, int threads, std::uint64_t seed)
    : usual_(std::move(usual)),
      problem_(schedules::problem_of(usual_)),
      calls_(calls),
      random_(seed ^ std::hash<std::string>{}(problem_)) {
    for (const schedules::schedule& how : legal)
        candidates_.push_back({how, schedules::estimated_cycles(usual_, m, how, threads)});
    candidates_[0].ratio = 1;
    learn_from(candidates_[0]);
}

double kernel_search::predicted(const candidate& c) const {
    return c.cycles * std::exp(c.logarithms / (c.weights + prior_weight));
}

void kernel_search::learn_from(const candidate& measured) {
    const double logarithm = std::log(measured.ratio * candidates_[0].cycles / measured.cycles);
    for (candidate& c : candidates_) {
        if (c.tried) continue;
        const double weight = std::exp(-distance(c.how, measured.how));
        c.weights += weight;
        c.logarithms += weight * logarithm;
    }
}

std::vector<schedules::schedule> kernel_search::next(std::size_t count) {
    std::vector<std::pair<double, std::size_t>> open;
    for (std::size_t i = 1; i < candidates_.size(); ++i)
        if (!candidates_[i].tried) open.emplace_back(predicted(candidates_[i]), i);
    std::ranges::sort(open);
    std::vector<schedules::schedule> chosen;
    std::set<kind> known;
    for (const candidate& c : candidates_)
        if (c.ratio > 0 || c.tried) known.insert(kind_of(c.how));
    std::erase_if(open, [&](const auto& one) {
        const schedules::schedule& how = candidates_[one.second].how;
        if (chosen.size() == count || !known.insert(kind_of(how)).second) return false;
        chosen.push_back(how);
        return true;
    });
    while (chosen.size() < count && !open.empty()) {
        const bool explores = chosen.size() % 4 == 3;
        const std::size_t place = explores ? random_() % ((open.size() + 1) / 2) : 0;
        chosen.push_back(candidates_[open[place].second].how);
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(place));
    }
    return chosen;
}

void kernel_search::take(const trial& finished) {
    const auto found = std::ranges::find(candidates_, finished.how, &candidate::how);
    if (found == candidates_.end() || found == candidates_.begin() || found->tried) return;
    found->tried = true;
    found->ratio = finished.ratio;
    if (finished.ratio > 0) learn_from(*found);
    ++tried_;
    ++since_gain_;
    trials_.push_back(finished);
    if (!finished.faster || finished.ratio >= leader_ratio()) return;
    leader_ = static_cast<std::size_t>(found - candidates_.begin());
    since_gain_ = 0;
}

std::vector<schedules::schedule> kernel_search::finalists(std::size_t count) const {
    std::vector<const candidate*> fast;
    for (const candidate& c : candidates_)
        if (c.tried && c.ratio > 0 && c.ratio <= leader_ratio() * tolerated_in_finals) fast.push_back(&c);
    std::ranges::sort(fast, {}, &candidate::ratio);
    std::set<kind> kinds;
    std::vector<schedules::schedule> chosen, others;
    for (const candidate* c : fast) (kinds.insert(kind_of(c->how)).second ? chosen : others).push_back(c->how);
    chosen.insert(chosen.end(), others.begin(), others.end());
    chosen.resize(std::min(count, chosen.size()));
    return chosen;
}

void kernel_search::settle(const schedules::schedule& how, double ratio) {
    const auto found = std::ranges::find(candidates_, how, &candidate::how);
    found->ratio = ratio;
    leader_ = static_cast<std::size_t>(found - candidates_.begin());
}

double kernel_search::promise() const {
    if (usual_ms_ == 0)
        return candidates_[0].cycles * calls_ * 1e6;  // every kernel is measured once, the longest first
    return usual_ms_ * leader_ratio() * calls_ * std::exp2(-since_gain_ / trials_until_half);
}

schedules::kernel kernel_search::with(const schedules::schedule& how) const {
    schedules::kernel k = usual_;
    schedules::set_schedule(k, how);
    return k;
}

}  // namespace kiln::tune
