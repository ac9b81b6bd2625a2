#include <stdio.h>

#include "digits.h"
#include "gate.h"

int main(void) {
    const float x[GATE_INPUT_INPUT_ELEMENTS] = {0.5f, -1.0f, 2.0f};
    float y[GATE_OUTPUT_OUTPUT_ELEMENTS];
    static float images[DIGITS_INPUT_INPUT_ELEMENTS], scores[DIGITS_OUTPUT_OUTPUT_ELEMENTS];
    void *arena = gate_arena_create(), *digits_arena = digits_arena_create();
    const void *weights = digits_weights_open(DIGITS_WEIGHTS, NULL);
    float sum = 0;
    int i;
    if (!arena || !digits_arena || !weights) return 1;
    if (gate_run(x, y, arena) != GATE_OK) return 2;
    if (digits_run(weights, images, scores, digits_arena) != DIGITS_OK) return 3;
    for (i = 0; i < 20; ++i) sum += scores[i];
    if (DIGITS_BATCH != 2 || sum < 1.99f || sum > 2.01f) return 4;
    printf("%.9g %.9g\n", y[0], y[1]);
    digits_weights_close(weights);
    digits_arena_destroy(digits_arena);
    gate_arena_destroy(arena);
    return 0;
}
