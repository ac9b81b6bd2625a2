/* What it costs to hand a loop of tasks to the thread pool that is in every object: by how much it takes longer than
 * its work, right after the last one and after the program did something else for a while.
 *
 *   kiln compile lenet5 -o lenet5.o && cc -O2 dispatch.c lenet5.o -o dispatch -lm -lpthread && ./dispatch 2
 */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int halide_set_num_threads(int threads);
int halide_do_par_for(void* context, int (*task)(void*, int, unsigned char*), int first, int count,
                      unsigned char* closure);

enum { repeats = 400 };

static double microseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

static void compute_for(double duration) {
    const double end = microseconds() + duration;
    while (microseconds() < end) continue;
}

static int task(void* context, int index, unsigned char* duration) {
    (void)context, (void)index;
    compute_for(*(const double*)(const void*)duration);
    return 0;
}

static int ascending(const void* a, const void* b) {
    const double x = *(const double*)a, y = *(const double*)b;
    return (x > y) - (x < y);
}

int main(int count, char** arguments) {
    const int threads = count > 1 ? atoi(arguments[1]) : 2;
    const double durations[] = {5, 20, 100}, pauses[] = {0, 5, 50, 2000};
    halide_set_num_threads(threads);
    printf("%d threads, one task each; median of %d\n", threads, repeats);
    for (int d = 0; d < 3; ++d)
        for (int p = 0; p < 4; ++p) {
            double took[repeats], duration = durations[d];
            for (int i = 0; i < repeats; ++i) {
                compute_for(pauses[p]);
                const double start = microseconds();
                halide_do_par_for(NULL, task, 0, threads, (unsigned char*)&duration);
                took[i] = microseconds() - start - duration;
            }
            qsort(took, repeats, sizeof took[0], ascending);
            printf("tasks of %3.0f us, %4.0f us after the last: %5.1f us over\n", duration, pauses[p],
                   took[repeats / 2]);
        }
    return 0;
}
