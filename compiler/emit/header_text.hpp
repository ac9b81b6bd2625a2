// The fixed parts of a generated header. @NAME@ stands for the function name, @UPPER@ for it in capitals; what else is
// between two @ is filled in by header.cpp.
#pragma once

#include <string_view>

namespace kiln::compiler::header_text {

inline constexpr std::string_view top = R"(/* @NAME@: a network compiled by Kiln. Written by a program; do not edit.
 *
@PORTS@ *
 * Tensors are dense arrays, the last axis contiguous: of float, unless the list above says otherwise. A call computes the whole batch (@BATCH@), allocates nothing, and may
 * run in several threads at once, each with an arena of its own. Link with -lm -lpthread.
 */
#ifndef KILN_MODEL_@UPPER@_H
#define KILN_MODEL_@UPPER@_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
)";

inline constexpr std::string_view file_includes = R"(
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
)";

inline constexpr std::string_view open_c = R"(
#ifdef __cplusplus
extern "C" {
#endif

)";

inline constexpr std::string_view entry = R"(
/* Runs steps [first_step, end_step) of the network; all of them: 0, @UPPER@_STEPS. `weights`: @WEIGHTS_NOTE@.
 * `inputs`, `outputs`: one pointer a port. `arena`: @UPPER@_ARENA_BYTES, 64-byte aligned. Returns @UPPER@_OK or one of
 * the codes above. */
int @NAME@_execute(const void *weights, const void *const *inputs, void *const *outputs, void *arena,
                   int32_t first_step, int32_t end_step);

/* Of the thread pool, which all models of the program share. */
int halide_set_num_threads(int threads);

/* How many threads compute, the calling one included; 0: as many as there are processors. */
static inline void @NAME@_set_threads(int threads) {
    (void)halide_set_num_threads(threads < 0 ? 0 : threads);
}
)";

inline constexpr std::string_view memory_includes = R"(
#ifdef __linux__
#include <sys/mman.h>
#endif
)";

inline constexpr std::string_view memory = R"(
#if defined(__linux__) && !defined(MADV_HUGEPAGE) /* which strict C does not declare */
#define MADV_HUGEPAGE 14
int madvise(void *address, size_t bytes, int advice);
#endif

/* 64-byte aligned memory. Large blocks lie on pages of 2 MB, where the system has such: looking up addresses page by page
 * costs up to a tenth of the time. NULL when there is not enough. */
static inline void *@NAME@_memory_create(size_t bytes) {
    const size_t page = (size_t)2 << 20, alignment = bytes < page ? 64 : page;
    char *block = (char *)malloc(bytes + alignment + sizeof(void *));
    char *memory;
    if (!block) return NULL;
    memory = block + sizeof(void *);
    memory += (alignment - (uintptr_t)memory % alignment) % alignment;
    memcpy(memory - sizeof(void *), &block, sizeof(void *)); /* for @NAME@_memory_destroy */
#ifdef __linux__
    if (bytes >= page) (void)madvise(memory, bytes / page * page, MADV_HUGEPAGE);
#endif
    return memory;
}

static inline void @NAME@_memory_destroy(void *memory) {
    void *block;
    if (!memory) return;
    memcpy(&block, (char *)memory - sizeof(void *), sizeof(void *));
    free(block);
}
)";

inline constexpr std::string_view arena = R"(
/* Memory for one call at a time. NULL when there is not enough. */
static inline void *@NAME@_arena_create(void) { return @NAME@_memory_create(@UPPER@_ARENA_BYTES); }

static inline void @NAME@_arena_destroy(void *arena) { @NAME@_memory_destroy(arena); }
)";

inline constexpr std::string_view weights_file = R"(
/* Maps the weights file that was written with this header. NULL on failure, with the reason in `*status` unless that
 * is NULL. Any number of calls may use the weights, until @NAME@_weights_close. */
static inline const void *@NAME@_weights_open(const char *path, int *status) {
    static const unsigned char expected[64] = {@WEIGHTS_HEADER@};
    const size_t size = 64 + @UPPER@_WEIGHTS_BYTES;
    const int file = open(path, O_RDONLY);
    struct stat info;
    void *mapped = MAP_FAILED;
    int result = @UPPER@_WEIGHTS_UNREADABLE;
    if (file >= 0 && fstat(file, &info) == 0) {
        if (S_ISREG(info.st_mode) && (uint64_t)info.st_size == (uint64_t)size)
            mapped = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
        else
            result = @UPPER@_WEIGHTS_MISMATCH;
    }
    if (file >= 0) close(file);
    if (mapped != MAP_FAILED) {
        result = memcmp(mapped, expected, sizeof expected) == 0 ? @UPPER@_OK : @UPPER@_WEIGHTS_MISMATCH;
        if (result != @UPPER@_OK) munmap(mapped, size);
    }
    if (status) *status = result;
    return result == @UPPER@_OK ? (const char *)mapped + 64 : NULL;
}

static inline void @NAME@_weights_close(const void *weights) {
    if (weights) munmap((char *)(uintptr_t)weights - 64, 64 + @UPPER@_WEIGHTS_BYTES);
}
)";

inline constexpr std::string_view close_c = R"(
#ifdef __cplusplus
} /* extern "C" */

)";

inline constexpr std::string_view cxx_top = R"(#include <array>
#include <new>
#include <stdexcept>

/* The network with an arena of its own: one call at a time. Failures are std::runtime_error. */
class @NAME@_model {
public:
)";

inline constexpr std::string_view cxx_embedded = R"(    @NAME@_model() : arena_(@NAME@_arena_create()) {
        if (!arena_) throw std::bad_alloc();
    }
    ~@NAME@_model() { @NAME@_arena_destroy(arena_); }
)";

inline constexpr std::string_view cxx_file = R"(    /* `path`: the weights file that was written with this header. */
    explicit @NAME@_model(const char *path) : arena_(@NAME@_arena_create()) {
        if (!arena_) throw std::bad_alloc();
        int status = 0;
        weights_ = @NAME@_weights_open(path, &status);
        if (weights_) return;
        @NAME@_arena_destroy(arena_);
        throw std::runtime_error(@NAME@_error_text(status));
    }
    ~@NAME@_model() {
        @NAME@_weights_close(weights_);
        @NAME@_arena_destroy(arena_);
    }
)";

inline constexpr std::string_view cxx_outside =
    R"(    /* `weights`: the packed block, 64-byte aligned, which must outlive the model. */
    explicit @NAME@_model(const void *weights) : arena_(@NAME@_arena_create()), weights_(weights) {
        if (!arena_) throw std::bad_alloc();
    }
    ~@NAME@_model() { @NAME@_arena_destroy(arena_); }
)";

inline constexpr std::string_view cxx_bottom = R"(
private:
    static void check(int status) {
        if (status != @UPPER@_OK) throw std::runtime_error(@NAME@_error_text(status));
    }

    void *arena_;
@WEIGHTS_MEMBER@};
#endif /* __cplusplus */

#endif
)";

}  // namespace kiln::compiler::header_text
