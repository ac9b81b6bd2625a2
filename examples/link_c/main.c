/* Classifies a photo with a network compiled by Kiln, in plain C. By hand, after building Kiln:
 *
 *   kiln compile resnet50 -o resnet50.o
 *   cc -O2 -I. main.c resnet50.o -lpng -lm -lpthread -o classify
 *   ./classify photo.png
 *
 * libpng reads the photo, of any size; the network itself needs libm and pthread alone. The photo is resampled to the
 * network's size and normalised as ImageNet's networks expect. Without a photo, a colour gradient takes its place.
 * CMakeLists.txt beside this file does the same with kiln_add_model.
 */
#include <png.h>
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

/* Fills `image` with the photo's nearest pixels. 0 on success; `photo.message` says what is wrong with the file. */
static int load_photo(const char *path, float *image, png_image *photo) {
    unsigned char *pixels = NULL;
    int y, x, c, done = 0;

    memset(photo, 0, sizeof *photo);
    photo->version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_file(photo, path)) return -1;
    photo->format = PNG_FORMAT_RGB;
    if ((pixels = (unsigned char *)malloc(PNG_IMAGE_SIZE(*photo))) == NULL)
        strcpy(photo->message, "the photo does not fit the memory");
    else
        done = png_image_finish_read(photo, NULL, pixels, 0, NULL);
    for (y = 0; done && y < height; ++y)
        for (x = 0; x < width; ++x) {
            const size_t row = (size_t)y * photo->height / height, column = (size_t)x * photo->width / width;
            const unsigned char *from = pixels + (row * photo->width + column) * channels;
            for (c = 0; c < channels; ++c) image[(y * width + x) * channels + c] = normalised(from[c], c);
        }
    png_image_free(photo);
    free(pixels);
    return done ? 0 : -1;
}

int main(int argc, char **argv) {
    static float image[RESNET50_INPUT_INPUT_ELEMENTS], score[RESNET50_OUTPUT_OUTPUT_ELEMENTS];
    struct timespec start, end;
    png_image photo;
    void *arena;
    int status, rank, i;

    if (argc > 2) {
        fprintf(stderr, "usage: classify [PHOTO.png]\n");
        return 2;
    }
    if (argc == 1)
        draw_gradient(image);
    else if (load_photo(argv[1], image, &photo) != 0)
        return fail(argv[1], photo.message);
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
