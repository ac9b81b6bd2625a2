// A team: the processes of a data-parallel training. Each has the whole network and a share of every batch, and takes
// the same steps, since gradients are averaged over all of them.
//
// All members of a team call the same functions in the same order; what follows from numbers that all have got is
// decided alike by all.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <kiln/runtime/error.hpp>

namespace kiln::train {

/// Another process of the team is gone, or this one was told to end while it waited for the others. The team is of no
/// more use.
class team_lost : public error {
public:
    using error::error;
};

class team {
public:
    virtual ~team() = default;

    /// This process among all, from 0. Number 0 leads: it talks to the user and writes files.
    virtual int rank() const = 0;
    virtual int size() const = 0;
    bool leads() const { return rank() == 0; }

    /// Begins to replace values by their means, or sums, over all processes. They may not be touched until finish().
    virtual void begin_mean(std::span<float> values) = 0;
    virtual void begin_sum(std::span<double> values) = 0;
    /// Called now and then between, lets what was begun go on. Throws team_lost.
    virtual void go_on() = 0;
    /// Waits for all that was begun. Throws team_lost.
    virtual void finish() = 0;

    /// Replaces the bytes by those of rank 0. Throws team_lost.
    virtual void broadcast(std::span<std::byte> bytes) = 0;
};

/// begin_sum and finish in one.
inline void sum(team& all, std::span<double> values) {
    all.begin_sum(values);
    all.finish();
}

}  // namespace kiln::train
