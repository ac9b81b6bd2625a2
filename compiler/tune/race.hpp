// Which of several ways is faster, on a machine whose speed drifts and stumbles.
//
// All entrants run in turn, round by round, so that drift hurts them alike, and each is compared with the first, the
// incumbent, by the ratio of their times within a round. The median ratio has an interval by the sign test, which
// assumes nothing of how times are distributed (order statistics as confidence limits: Conover, Practical Nonparametric
// Statistics, section 3.2). An entrant that is surely slower runs no further; the race ends when all are decided.
#pragma once

#include <functional>
#include <vector>

namespace kiln::tune {

struct race_limits {
    int least_rounds = 7;   // the fewest whose interval can be sure
    int most_rounds = 31;   // then whoever is not decided has not won
    double seconds = 1.0;   // likewise, once the least rounds are done
    double hopeless = 1.3;  // an entrant that was so many times slower in each of its first three rounds leaves
    // Whether it ends when all are decided, and without those that are surely slower. Who asks after each round is
    // wrong more often than who asks once.
    bool until_decided = true;
};

/// How an entrant did.
struct standing {
    double milliseconds = 0;     // the median of its samples
    double ratio = 1;            // of its time to the incumbent's: the median over rounds
    double least = 1, most = 1;  // the interval that holds the true median ratio, 98 times in 100
    int rounds = 0;
    bool faster() const { return most < 1; }
    bool slower() const { return least > 1; }
};

/// Each function runs its entrant once and returns the milliseconds of one call. `now`: seconds, for the time limit.
std::vector<standing> race(const std::vector<std::function<double()>>& entrants, const race_limits& limits,
                           const std::function<double()>& now);

/// How an entrant with these ratios, one a round, stands. Without a time.
standing standing_of(std::vector<double> ratios);

}  // namespace kiln::tune
