// Where every activation lies: buffers with their halos and strides, several values sharing one where concatenation is
// written in place or flatten is only a view, and the copies that remain.
#pragma once

#include <vector>

#include <kiln/compiler/ir/graph.hpp>
#include <kiln/compiler/plan/plan.hpp>
#include <kiln/schedules/kernel.hpp>

namespace kiln::plan {

struct buffer {
    dims shape;  // one sample's, of the largest value that lives here
    schedules::view layout;
    space where = space::arena;
    int index = 0;            // of the input or output
    bool contiguous = false;  // viewed flat, or the caller's: no halo, no gaps
    std::int64_t bytes = 0;   // halo included
    std::int64_t byte = 0;    // arena: where the buffer, halo first, begins
    std::int64_t origin = 0;  // elements from the buffer's begin to element (0, ..., 0)
};

/// A value's place: the channels [channel, channel + its own) of a buffer, or all of it seen as one row.
struct location {
    int buffer = -1;
    std::int32_t channel = 0;
    bool flat = false;
};

/// A value to be copied, as soon as it exists, to another place.
struct value_copy {
    ir::node_id value = 0;
    location from, to;
};

struct layout {
    std::vector<buffer> buffers;
    std::vector<location> of;  // by node id; buffer -1 for weights
    std::vector<location>
        dense_of;  // by node id: where a dense layer reads the value contiguously; -1 where nobody does
    std::vector<value_copy> copies;  // by value

    /// The view of a value with sample dims `d` at `at`.
    schedules::view view_of(const location& at, const dims& d, int batch) const;
    /// The place of its element (0, ..., 0).
    place place_of(const location& at) const;
};

layout lay_out(const ir::graph& g);

}  // namespace kiln::plan
