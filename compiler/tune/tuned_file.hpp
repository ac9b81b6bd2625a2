// Records as a file that people read and that ships with Kiln (schedules/tuned/): JSON, a record a line. `kiln tune
// --export` writes it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <kiln/compiler/tune/record.hpp>

namespace kiln::tune {

struct tuned_records {
    setting where;
    std::vector<record> records;
};

/// The text of a file. Settings of one CPU or of several.
std::string tuned_text(const std::vector<tuned_records>& all);

/// Throws kiln::error naming the file and what is wrong with it.
std::vector<tuned_records> read_tuned(const std::filesystem::path& file);

/// Whether records that ship with this Kiln apply: the same processor, target, precision, threads, and release of
/// Halide. The lowering's revision may be another: a record is only used where the default it beat is still the
/// default.
bool applies(const setting& shipped, const setting& here);

}  // namespace kiln::tune
