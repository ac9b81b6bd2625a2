// The search over one kernel's schedules: what was tried, what leads, what to try next.
//
// Candidates are tried in the order of their predicted time: the cost model's estimate (schedules/estimate.hpp), times
// what measured neighbours took over their own estimates. The correction is a kernel regression (Nadaraya 1964, Watson
// 1964) on the logarithm of that quotient, with weights that fall with the distance of parameters. One candidate in
// four is drawn at random from the better half, so that a wrong estimate hides nothing for good. The first are the best
// of each kind that was never tried (of each family, of Winograd's tiles, of Strassen's blocks): estimates of different
// kinds compare badly.
#pragma once

#include <random>
#include <string>
#include <vector>

#include <kiln/compiler/tune/database.hpp>
#include <kiln/compiler/tune/measure.hpp>

namespace kiln::tune {

class kernel_search {
public:
    /// `usual`: the kernel with its default schedule. `legal`: the candidates, the default first. `calls`: how often
    /// the network calls it. `threads`: that will share its work.
    kernel_search(schedules::kernel usual, const schedules::machine& m, std::vector<schedules::schedule> legal,
                  int calls, int threads, std::uint64_t seed);

    const std::string& problem() const { return problem_; }
    const schedules::kernel& usual() const { return usual_; }
    int calls() const { return calls_; }
    std::size_t space() const { return candidates_.size(); }
    const std::vector<trial>& trials() const { return trials_; }

    /// The schedule that leads, and its time as a share of the default's.
    const schedules::schedule& leader() const { return candidates_[leader_].how; }
    double leader_ratio() const { return leader_ == 0 ? 1 : candidates_[leader_].ratio; }
    /// Of one call with the default schedule; 0 before the first race.
    double usual_ms() const { return usual_ms_; }

    /// Up to `count` candidates that were not tried, the likeliest first.
    std::vector<schedules::schedule> next(std::size_t count);
    /// A trial that has just been measured, or one of an earlier run. Schedules that are no candidates are ignored.
    void take(const trial& finished);
    void set_usual_ms(double milliseconds) { usual_ms_ = milliseconds; }
    /// Those to try in the whole network, `count` at most: the fastest of each kind, then the fastest others, none much
    /// slower than the leader.
    std::vector<schedules::schedule> finalists(std::size_t count) const;
    /// In the network this one is the fastest, and takes so much of the default's time.
    void settle(const schedules::schedule& how, double ratio);
    /// Back to the default: the network did not gain from the leader.
    void drop_leader() { leader_ = 0; }

    bool exhausted() const { return tried_ + 1 >= candidates_.size(); }
    /// Trials since the leader changed.
    int since_gain() const { return since_gain_; }
    /// What further trials may be worth: the time of the kernel in the network, less with each trial in vain.
    double promise() const;

    /// The kernel with another schedule.
    schedules::kernel with(const schedules::schedule& how) const;

private:
    struct candidate {
        schedules::schedule how;
        double cycles = 0;  // estimated
        double ratio = 0;   // measured, to the default's time; 0: not
        bool tried = false;
        // Of the regression: its weights, and the weighted logarithms, over all that was measured.
        double weights = 0, logarithms = 0;
    };
    double predicted(const candidate& c) const;
    void learn_from(const candidate& measured);

    schedules::kernel usual_;
    std::string problem_;
    int calls_;
    std::vector<candidate> candidates_;  // the default first
    std::vector<trial> trials_;
    std::mt19937_64 random_;
    std::size_t leader_ = 0, tried_ = 0;
    int since_gain_ = 0;
    double usual_ms_ = 0;
};

}  // namespace kiln::tune
