// Mutations that leave a protocol buffer one: a field somewhere in the nested messages is changed, removed, doubled or
// put elsewhere, and the lengths of the messages around it follow.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace kiln::fuzz {

/// The mutated message; `most` bounds what one field grows to.
std::string mutated_message(std::string_view message, std::mt19937& random, std::size_t most);

}  // namespace kiln::fuzz
