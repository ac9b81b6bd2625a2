// join_team: how a process that mpirun started finds the others of its training.
//
// The MPI library is loaded only then. What talks to it is a module of its own, kiln_mpi.so, so that Kiln needs no MPI
// to be built or to run.
#pragma once

#include <functional>
#include <memory>

#include <kiln/compiler/train/team.hpp>

namespace kiln::mpi {

/// A team on machines.
class mpi_team : public train::team {
public:
    /// This process among those on the same machine, from 0.
    virtual int machine_rank() const = 0;
    /// How many processors are this process's: those it may run on, shared with others of the team that may too.
    virtual int processors() const = 0;
    /// Ends the work together; waits for all. Left out where the others cannot come: mpirun ends them with this
    /// process.
    virtual void leave() = 0;
};

/// The team this process belongs to; null where it was started alone. `leaving` tells whether the process was told to
/// end (mpirun tells all of them when one has died): the team then waits for the others no longer than it must. Throws
/// kiln::error where several processes were started but Kiln was built without MPI, or with another MPI than mpirun's.
std::unique_ptr<mpi_team> join_team(std::function<bool()> leaving);

/// What the module exports: makes the team.
inline constexpr const char* join_function = "kiln_join_mpi_team";
using join_function_type = mpi_team*(std::function<bool()>* leaving);

}  // namespace kiln::mpi
