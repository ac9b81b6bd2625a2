/* Classifies a photo with a network compiled by Kiln, in plain C. By hand, after building Kiln:
 *
 *   kiln compile resnet50 -o resnet50.o
 *   cc -O2 -I. main.c resnet50.o -lm -lpthread -o classify
 *   ./classify photo.ppm
 *
 * The photo is a binary PPM (P6, 8 bits) of any size, as `convert photo.jpg photo.ppm` writes; it is resampled to the
 * network's size and normalised as ImageNet's networks expect. Without a photo, a colour gradient takes its place.
 * CMakeLists.txt beside this file does the same with kiln_add_model.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "resnet50.h"

enum { height = 224, width = 224, channels = 3, classes = 1000, shown = 5 };

static int fail(const char *what, const char *why) {
    fprintf(stderr, "classify: error: %s: %s\n", what, why);
    return 1;
}

/* The next number of a PPM header, after blanks and comments; -1 if there is none. */
static long next_number(FILE *file) {
    long number = 0;
    int c = fgetc(file);
    while (isspace(c) || c == '#') {
        if (c == '#')
            while (c != '\n' && c != EOF) c = fgetc(file);
        c = fgetc(file);
    }
    if (!isdigit(c)) return -1;
    for (; isdigit(c); c = fgetc(file))
        if ((number = number * 10 + (c - '0')) > 100000) return -1;
    return number; /* and one blank after it is consumed */
}

/* A level of 0 to 255 as the network takes it. */
static float normalised(double level, int channel) {
    static const float mean[channels] = {0.485f, 0.456f, 0.406f}, deviation[channels] = {0.229f, 0.224f, 0.225f};
    return ((float)level / 255.0f - mean[channel]) / deviation[channel];
}

static void draw_gradient(float *image) {
    int y, x;
    for (y = 0; y < height; ++y)
        for (x = 0; x < width; ++x) {
            float *pixel = image + (y * width + x) * channels;
            pixel[0] = normalised(255.0 * x / (width - 1), 0);
            pixel[1] = normalised(255.0 * y / (height - 1), 1);
            pixel[2] = normalised(255.0 * (x + y) / (width + height - 2), 2);
        }
}

/* Fills `image` with the photo's nearest pixels. NULL on success, else what is wrong with the file. */
static const char *load_photo(const char *path, float *image) {
    FILE *file = fopen(path, "rb");
    long columns, rows, largest;
    size_t size;
    unsigned char *pixels;
    int y, x, c;

    if (!file) return strerror(errno);
    if (fgetc(file) != 'P' || fgetc(file) != '6') {
        fclose(file);
        return "not a binary PPM (P6)";
    }
    columns = next_number(file);
    rows = next_number(file);
    largest = next_number(file);
    if (columns < 1 || rows < 1 || largest != 255) {
        fclose(file);
        return "expected a size and 255 levels in the PPM header";
    }
    size = (size_t)columns * (size_t)rows * channels;
    pixels = (unsigned char *)malloc(size);
    if (!pixels) {
        fclose(file);
        return "the photo does not fit the memory";
    }
    if (fread(pixels, 1, size, file) != size) {
        free(pixels);
        fclose(file);
        return "the file ends before the photo does";
    }
    fclose(file);
    for (y = 0; y < height; ++y)
        for (x = 0; x < width; ++x) {
            const unsigned char *from = pixels + (y * rows / height * columns + x * columns / width) * channels;
            for (c = 0; c < channels; ++c)
                image[(y * width + x) * channels + c] = normalised(from[c], c);
        }
    free(pixels);
    return NULL;
}

int main(int argc, char **argv) {
    static float image[RESNET50_INPUT_INPUT_ELEMENTS], score[RESNET50_OUTPUT_OUTPUT_ELEMENTS];
    struct timespec start, end;
    const char *wrong;
    void *arena;
    int status, rank, i;

    if (argc > 2) {
        fprintf(stderr, "usage: classify [PHOTO.ppm]\n");
        return 2;
    }
    if (argc == 1)
        draw_gradient(image);
    else if ((wrong = load_photo(argv[1], image)))
        return fail(argv[1], wrong);
    if (!(arena = resnet50_arena_create())) return fail("arena", "not enough memory");

    /* The first call starts the threads; the second shows what the network takes. */
    status = resnet50_run(image, score, arena);
    timespec_get(&start, TIME_UTC);
    if (status == RESNET50_OK) status = resnet50_run(image, score, arena);
    timespec_get(&end, TIME_UTC);
    resnet50_arena_destroy(arena);
    if (status != RESNET50_OK) return fail("resnet50", resnet50_error_text(status));

    printf("ran in %.1f ms\n", (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) * 1e-6);
    for (rank = 0; rank < shown; ++rank) {
        int best = 0;
        for (i = 1; i < classes; ++i)
            if (score[i] > score[best]) best = i;
        printf("class %3d  score %g\n", best, score[best]);
        score[best] = -1e30f;
    }
    return 0;
}
