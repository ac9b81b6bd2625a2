// Schedules as text, for databases and files that people read: "direct_conv(16,32,14)".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <kiln/schedules/kernel.hpp>

namespace kiln::schedules {

std::string_view name_of(family which);

/// The family and its parameters, zeros at the end left out. Equal texts, equal schedules.
std::string text_of(const schedule& s);

/// The reverse; nothing where the text is no schedule.
std::optional<schedule> schedule_from(std::string_view text);

}  // namespace kiln::schedules
