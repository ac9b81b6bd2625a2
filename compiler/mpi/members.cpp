#include <kiln/compiler/mpi/members.hpp>

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace kiln::mpi {
namespace {

bool lives(pid_t process) { return kill(process, 0) == 0 || errno != ESRCH; }

}  // namespace

member this_process() {
    member m{.process = getpid()};
    gethostname(m.machine.data(), m.machine.size() - 1);
    sched_getaffinity(0, sizeof m.processors, &m.processors);
    return m;
}

members::members(std::vector<member> all, int rank) : all_(std::move(all)), rank_(rank) {
    for (const member& m : all_) seen_.push_back(on_this_machine(m) && lives(m.process));
}

int members::machine_rank() const {
    return static_cast<int>(
        std::count_if(all_.begin(), all_.begin() + rank_, [&](const member& m) { return on_this_machine(m); }));
}

int members::processors() const {
    const cpu_set_t& mine = all_[static_cast<std::size_t>(rank_)].processors;
    const auto shares = [&](const member& m) {
        cpu_set_t common;
        CPU_AND(&common, &mine, &m.processors);
        return on_this_machine(m) && CPU_COUNT(&common) > 0;
    };
    const auto sharing = std::max<std::ptrdiff_t>(1, std::ranges::count_if(all_, shares));
    return std::max(1, CPU_COUNT(&mine) / static_cast<int>(sharing));
}

std::string members::name_of(int rank) const {
    const member& m = all_[static_cast<std::size_t>(rank)];
    return fmt::format("rank {} (process {} on {})", rank, m.process, m.machine.data());
}

int members::first_dead() const {
    for (std::size_t i = 0; i < all_.size(); ++i)
        if (seen_[i] && !lives(all_[i].process)) return static_cast<int>(i);
    return -1;
}

bool members::all_seen() const { return std::ranges::find(seen_, false) == seen_.end(); }

}  // namespace kiln::mpi
