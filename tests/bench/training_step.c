/* Times a training step that `kiln compile --train --function-name net` wrote, for training.py.
 *
 *   training_step IMAGES LABELS RATE THREADS WARMUP SECONDS
 *
 * The files hold float32, a batch each. Prints the costs of the first WARMUP steps, the fastest and the median step in
 * milliseconds, and the largest resident set in bytes. Built with -DOUTPUTS=N, the logits of a batch. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "net.h"

#define MOST_STEPS 100000

static double milliseconds[MOST_STEPS];
static float logits[OUTPUTS];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static float *read_floats(const char *path) {
    FILE *file = fopen(path, "rb");
    float *values = NULL;
    long size;
    if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) <= 0) exit((perror(path), 1));
    rewind(file);
    values = (float *)malloc((size_t)size);
    if (!values || fread(values, 1, (size_t)size, file) != (size_t)size) exit((perror(path), 1));
    fclose(file);
    return values;
}

int main(int argc, char **argv) {
    const float *images, *labels;
    void *state = net_train_step_state_create(), *arena = net_train_step_arena_create();
    struct rusage usage;
    double end;
    float rate, cost;
    int warmup, made = 0, status, i;
    if (argc != 7 || !state || !arena) return 2;
    images = read_floats(argv[1]);
    labels = read_floats(argv[2]);
    rate = (float)atof(argv[3]);
    net_train_step_set_threads(atoi(argv[4]));
    warmup = atoi(argv[5]);
    for (i = 0; i < warmup; ++i) {
        status = net_train_step(images, labels, rate, &cost, logits, state, arena);
        if (status != NET_TRAIN_STEP_OK) return fprintf(stderr, "%s\n", net_train_step_error_text(status)), 1;
        printf("%.9g ", (double)cost);
    }
    end = now() + 1e3 * atof(argv[6]);
    while ((made < 5 || now() < end) && made < MOST_STEPS) {
        const double start = now();
        status = net_train_step(images, labels, rate, &cost, logits, state, arena);
        milliseconds[made++] = now() - start;
        if (status != NET_TRAIN_STEP_OK) return fprintf(stderr, "%s\n", net_train_step_error_text(status)), 1;
    }
    qsort(milliseconds, (size_t)made, sizeof *milliseconds, by_size);
    getrusage(RUSAGE_SELF, &usage);
    printf("\n%.6g %.6g %ld\n", milliseconds[0], milliseconds[made / 2], usage.ru_maxrss * 1024);
    return 0;
}
