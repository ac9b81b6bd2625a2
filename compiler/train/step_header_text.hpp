// The fixed parts of a training step's header. @NAME@ stands for the function name, @UPPER@ for it in capitals; what
// else is between two @ is filled in by step_header.cpp.
#pragma once

#include <string_view>

namespace kiln::train::step_header_text {

inline constexpr std::string_view top =
    R"(/* @NAME@: a step of training compiled by Kiln. Written by a program; do not edit.
 *
@PORTS@ *
 * Tensors are dense arrays of float, the last axis contiguous. A step computes the cost of a batch (@BATCH@) and moves the
 * parameters; it allocates nothing. Any number of trainings may go on at once, each with a state and an arena of its own.
 * Link with -lm -lpthread.
 */
#ifndef KILN_TRAINING_@UPPER@_H
#define KILN_TRAINING_@UPPER@_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
)";

inline constexpr std::string_view sizes = R"(
#define @UPPER@_BATCH @BATCH@
#define @UPPER@_STEPS @STEPS@ /* of the compiled function */
#define @UPPER@_ARENA_BYTES ((size_t)@ARENA_BYTES@)
#define @UPPER@_STATE_TENSORS @STATE_TENSORS@
#define @UPPER@_STATE_BYTES ((size_t)@STATE_BYTES@)
)";

inline constexpr std::string_view state = R"(
/* Constants, and the initial state. */
extern const unsigned char @NAME@_weights[];

/* What a training remembers: parameters, running statistics, what the optimiser keeps, the number of steps. */
struct @NAME@_tensor {
    const char *name; /* as weight files have it; what is no parameter has a '/' */
    int parameter;    /* 1: it is part of the network's weights */
    int integers;     /* 0: float, 1: int64_t */
    int rank;
    int32_t shape[8];
    size_t elements;
    size_t place; /* in bytes */
    int changes;  /* 0: frozen */
};
static const struct @NAME@_tensor @NAME@_tensors[@UPPER@_STATE_TENSORS] = {
@TENSORS@};

/* A block of @UPPER@_STATE_BYTES, 64-byte aligned: which of two sets is current, then the sets. A step reads one and
 * writes the other. The block may be copied, and written to a file and read back. */
#define @UPPER@_STATE_SET_BYTES ((size_t)@SET_BYTES@)

/* The current values of tensor `i`, counted as in @NAME@_tensors, to be read or written between steps. */
static inline void *@NAME@_state_tensor(void *state, int i) {
    const size_t set = @NAME@_tensors[i].changes ? *(const uint64_t *)state : 0;
    return (char *)state + 64 + set * @UPPER@_STATE_SET_BYTES + @NAME@_tensors[i].place;
}

/* Back to the beginning. */
static inline void @NAME@_state_reset(void *state) {
    memset(state, 0, @UPPER@_STATE_BYTES);
    memcpy((char *)state + 64, @NAME@_weights + @INITIAL@, @UPPER@_STATE_SET_BYTES);
}

/* A state at the beginning. NULL when there is not enough memory. */
static inline void *@NAME@_state_create(void) {
    void *state = @NAME@_memory_create(@UPPER@_STATE_BYTES);
    if (state) @NAME@_state_reset(state);
    return state;
}

static inline void @NAME@_state_destroy(void *state) { @NAME@_memory_destroy(state); }

/* Whether no element is infinite or not a number. */
static inline int @NAME@_all_finite(const float *values, size_t count) {
    size_t i;
    for (i = 0; i < count; ++i)
        if (!(values[i] - values[i] == 0)) return 0;
    return 1;
}
)";

inline constexpr std::string_view step = R"(
/* One step. When it returns anything but @UPPER@_OK, the state is as it was. */
static inline int @NAME@(@PARAMETERS@void *state, void *arena) {
    const void *inputs_[@INPUTS@];
    void *outputs_[@OUTPUTS@];
    char *written;
    int status, i, in = 0, out = 0;
    if (!state) return @UPPER@_NULL_POINTER;
    written = (char *)state + 64 + (1 - *(uint64_t *)state) * @UPPER@_STATE_SET_BYTES;
@DATA_INPUTS@    for (i = 0; i < @UPPER@_STATE_TENSORS; ++i) inputs_[in++] = @NAME@_state_tensor(state, i);
    inputs_[in] = &learning_rate;
@DATA_OUTPUTS@    for (i = 0; i < @UPPER@_STATE_TENSORS; ++i)
        if (@NAME@_tensors[i].changes) outputs_[out++] = written + @NAME@_tensors[i].place;
    status = @NAME@_execute(NULL, inputs_, outputs_, arena, 0, @UPPER@_STEPS);
    if (status != @UPPER@_OK) return status;
    if (!@NAME@_all_finite(cost, 1)) return @UPPER@_DIVERGED;
    for (i = 0; i < @UPPER@_STATE_TENSORS; ++i)
        if (@NAME@_tensors[i].parameter && @NAME@_tensors[i].changes &&
            !@NAME@_all_finite((const float *)(written + @NAME@_tensors[i].place), @NAME@_tensors[i].elements))
            return @UPPER@_DIVERGED;
    *(uint64_t *)state = 1 - *(uint64_t *)state;
    return @UPPER@_OK;
}

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif
)";

}  // namespace kiln::train::step_header_text
