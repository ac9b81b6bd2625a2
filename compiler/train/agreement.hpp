// agreement: what the processes of a team tell each other apart from steps: what the leader has that all must have, and
// whether all of them can go on.
#pragma once

#include <exception>
#include <span>
#include <string>

#include <kiln/compiler/train/team.hpp>
#include <kiln/compiler/train/trainer.hpp>
#include <kiln/runtime/safetensors_header.hpp>

namespace kiln::train {

/// Thrown in a process that ends because another one failed: that one says why.
struct failed_elsewhere : std::exception {
    const char* what() const noexcept override { return "another process of the training failed"; }
};

/// Returns where no process has a problem. Otherwise all of them end: the first that has one by rethrowing it, the
/// others by failed_elsewhere.
void expect_all_well(team& all, const std::exception_ptr& problem);

/// The leader's text.
std::string leaders_text(team& all, std::string mine);

/// Gives every process the leader's weights and the rest of its state. The trainers are of the same network and
/// options.
void take_leaders_state(team& all, trainer& t);

/// Throws kiln::error that lists what differs, in some of the processes only, between these settings and the leader's.
void expect_leaders_settings(team& all, const text_map& mine);

}  // namespace kiln::train
