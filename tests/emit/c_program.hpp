// The C program that the tests link with the sample model: it fills x with 3, 4, 5 ..., runs the model and checks y.
#pragma once

#include <string_view>

namespace kiln::testing {

inline constexpr std::string_view c_program = R"(
#include <stdio.h>
#include "sample.h"

int main(void) {
    static const int shape[SAMPLE_INPUT_X_RANK] = SAMPLE_INPUT_X_SHAPE;
    float x[SAMPLE_INPUT_X_ELEMENTS], y[SAMPLE_OUTPUT_Y_ELEMENTS];
    float *h;
    int i, status, wrong = 0;
    void *arena = sample_arena_create();
    sample_set_threads(2);
    for (i = 0; i < 64; ++i) x[i] = (float)(3 + i);
    h = (float *)arena + 64;
    for (i = 0; i < 64; ++i) h[i] = 1.0f;
    status = sample_run(x, y, arena);
    for (i = 0; i < 64; ++i) wrong += y[i] != 2.0f * x[i] + 0.25f * (float)i + (float)(i % 2);
    printf("status %d (%s), %d wrong, %dx%dx%d, %d steps, %d bytes\n", status, sample_error_text(status), wrong, shape[0],
           shape[1], shape[2], SAMPLE_STEPS, (int)SAMPLE_ARENA_BYTES);
    status = sample_run(NULL, y, arena);
    printf("%s\n", sample_error_text(status));
    sample_arena_destroy(arena);
    return 0;
}
)";

inline constexpr std::string_view c_program_prints =
    "status 0 (success), 0 wrong, 1x8x8, 2 steps, 512 bytes\n"
    "an input, an output, the weights or the arena is NULL\n";

}  // namespace kiln::testing
