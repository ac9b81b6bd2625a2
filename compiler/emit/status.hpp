// What NAME_execute returns besides a kernel's own failure: shared by the driver, which returns the numbers, and the
// header, which names them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace kiln::compiler {

enum class execute_status : std::int32_t {
    ok = 0,
    wrong_processor = 1,
    null_pointer = 2,
    unaligned_arena = 3,
    steps_out_of_range = 4,
    weights_unreadable = 5,  // these two: NAME_weights_open's alone
    weights_mismatch = 6,
};

inline constexpr std::uint64_t arena_alignment = 64;  // bytes

struct status_row {
    execute_status status;
    std::string_view name;  // after NAME_ in the header
    std::string_view sentence;
};

inline constexpr std::array status_table = {
    status_row{execute_status::ok, "OK", "success"},
    status_row{execute_status::wrong_processor, "WRONG_PROCESSOR",
               "this processor lacks an instruction set the model was compiled for; compile it for this processor"},
    status_row{execute_status::null_pointer, "NULL_POINTER", "an input, an output, the weights or the arena is NULL"},
    status_row{execute_status::unaligned_arena, "UNALIGNED_ARENA", "the arena's address is not a multiple of 64"},
    status_row{execute_status::steps_out_of_range, "STEPS_OUT_OF_RANGE", "the model has no such steps"},
    status_row{execute_status::weights_unreadable, "WEIGHTS_UNREADABLE", "the weights file cannot be opened or mapped"},
    status_row{execute_status::weights_mismatch, "WEIGHTS_MISMATCH",
               "the weights file is truncated or was not written for this model"},
};

/// Of a training step alone.
inline constexpr status_row diverged{static_cast<execute_status>(7), "DIVERGED",
                                     "the cost or a parameter would not be a finite number; the state is as it was"};

}  // namespace kiln::compiler
