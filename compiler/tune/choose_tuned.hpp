// Tuned schedules as the planner's chooser, and where compiling finds them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <kiln/compiler/tune/measure.hpp>
#include <kiln/compiler/tune/record.hpp>

namespace kiln::tune {

/// Takes the schedule of `tuned` where it has a legal one, the default elsewhere.
schedules::chooser choose_tuned(const schedule_map& tuned, schedules::precision allowed);

/// The same with records: one whose default is no longer the default is not used.
schedules::chooser choose_recorded(const std::vector<record>& records, schedules::precision allowed);

/// Where the user's records are: `named`, else $KILN_TUNING_RECORDS, else the default database (an empty path where
/// there is no folder for it). Nothing for "off".
std::optional<std::filesystem::path> records_file(const std::string& named);

/// The plan's options with the chooser of all records that apply to `target` (resolved) on this machine: the user's
/// database first, then those that ship with Kiln. As they are where `options` has a chooser, for another machine's
/// target, and without records. Throws kiln::error for a file that was named and cannot be read.
plan::plan_options with_records(plan::plan_options options, const std::string& target, const record_source& from);

}  // namespace kiln::tune
