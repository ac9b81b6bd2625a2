// Where every activation lies: buffers with their halos and strides, several values sharing one where concatenation is
// written in place or flatten is only a view, and the copies that remain.
#pragma once

#include <vector>

#include <kiln/compiler/ir/graph.hpp>
#include <kiln/compiler/plan/plan.hpp>
#include <kiln/schedules/kernel.hpp>
#include <kiln/schedules/machine.hpp>

namespace kiln::plan {

struct buffer {
    dims shape;              // one sample's, of the largest value that lives here
    std::int32_t batch = 1;  // samples
    schedules::view layout;
    space where = space::arena;
    int index = 0;            // of the input or output
    bool contiguous = false;  // viewed flat, or the caller's: no halo, no gaps
    bool planar = false;      // a plane for each channel: x is innermost
    std::int64_t bytes = 0;   // halo included
    std::int64_t byte = 0;    // arena: where the buffer, halo first, begins
    std::int64_t origin = 0;  // elements from the buffer's begin to element (0, ..., 0)
};

/// A value's place: a buffer, from `position` of view axis `axis` on; or all of it seen as a tensor without gaps; or
/// another value's place, seen through an operator that only arranges (`seen`, the operator's node).
struct location {
    int buffer = -1;
    std::size_t axis = 0;
    std::int32_t position = 0;
    bool flat = false;
    ir::node_id seen = -1;
};

/// Where the elements of a value lie, counted from its buffer's origin.
struct strided {
    schedules::view where;
    std::int64_t offset = 0;  // of element (0, ..., 0)
};

/// A value to be copied, as soon as it exists, to another place. A weight is copied from where weights are.
struct value_copy {
    ir::node_id value = 0;
    location from, to;
};

struct layout {
    const ir::graph* graph = nullptr;
    std::vector<buffer> buffers;
    std::vector<location> of;  // by node id; buffer -1 for weights, unless a layer reads a copy as its input
    std::vector<location>
        dense_of;  // by node id: where a dense layer or a reshape reads the value contiguously; -1 where nobody does
    std::vector<value_copy> copies;  // by value

    /// Of a value with sample dims `d` at `at`.
    strided strided_of(const location& at, const dims& d, std::int32_t batch, element type) const;
    /// The place `byte` bytes behind a buffer's element (0, ..., 0). Buffers in the arena must have been placed.
    place begin_of(int buffer, std::int64_t byte) const;
};

layout lay_out(const ir::graph& g, const schedules::machine& m);

/// Whether the operator only arranges values, so that a kernel may read its operand instead of it.
bool only_arranges(const ir::graph& g, const ir::node& n);

}  // namespace kiln::plan
