// members: who the processes of a team are, and which of those on this machine still live.
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <array>
#include <span>
#include <string>
#include <vector>

namespace kiln::mpi {

/// What a process tells the others of itself, as bytes.
struct member {
    pid_t process = 0;
    std::array<char, 64> machine{};  // its name, ended by 0
    cpu_set_t processors{};          // that it may run on
};

member this_process();

class members {
public:
    /// All of them, by rank. Called when every one lives: those whose process cannot be seen from here, on another
    /// machine or in another container, are not looked at again.
    members(std::vector<member> all, int rank);

    int machine_rank() const;
    int processors() const;
    /// "rank 1 (process 4711 on node2)"
    std::string name_of(int rank) const;
    /// The first rank that was seen once and is no more; -1 where there is none.
    int first_dead() const;
    /// Whether all the others can be seen from here.
    bool all_seen() const;

private:
    bool on_this_machine(const member& m) const { return m.machine == all_[static_cast<std::size_t>(rank_)].machine; }

    std::vector<member> all_;
    std::vector<bool> seen_;
    int rank_;
};

}  // namespace kiln::mpi
