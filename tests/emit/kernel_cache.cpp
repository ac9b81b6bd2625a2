#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <kiln/compiler/build/kernel_cache.hpp>

#include <chrono>
#include <kiln/runtime/error.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>
#include <vector>

using namespace kiln;
using compiler::kernel_cache;
using testing::scratch_folder;

namespace {

void age(const kernel_cache& cache, std::string_view key, int hours) {
    std::filesystem::last_write_time(cache.path_of(key),
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(hours));
}

int files_in(const std::filesystem::path& folder) {
    return static_cast<int>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("the cache gives back what was stored, under its key only") {
    const scratch_folder folder;
    const kernel_cache cache(folder.path() / "made" / "on the way");
    CHECK(!cache.find("a"));
    cache.store("a", std::string_view("bytes\0with nul", 14));
    CHECK(cache.find("a") == std::string("bytes\0with nul", 14));
    CHECK(!cache.find("b"));
    cache.store("a", "");
    CHECK(cache.find("a") == "");
}

TEST_CASE("a damaged or foreign cache entry counts as missing and can be stored anew") {
    const scratch_folder folder;
    const kernel_cache cache(folder.path());
    const std::string bytes(1000, 'k');
    cache.store("key", bytes);
    const std::string entry = testing::read_text(cache.path_of("key"));
    const auto expect_missing = [&](const std::string& damaged) {
        testing::write_text(cache.path_of("key"), damaged);
        CHECK(!cache.find("key"));
        cache.store("key", bytes);
        CHECK(cache.find("key") == bytes);
    };
    for (std::size_t at = 0; at < entry.size(); at += at < 60 ? 1 : 97) {
        std::string flipped = entry;
        flipped[at] ^= 0x10;
        expect_missing(flipped);
        expect_missing(entry.substr(0, at));
    }
    expect_missing(entry + "x");
    cache.store("other", bytes);
    expect_missing(testing::read_text(cache.path_of("other")));
}

TEST_CASE("a FIFO in the place of a cache entry does not stop the reader") {
    const scratch_folder folder;
    const kernel_cache cache(folder.path());
    REQUIRE(::mkfifo(cache.path_of("key").c_str(), 0600) == 0);
    CHECK(!cache.find("key"));
    cache.store("key", "bytes");
    CHECK(!cache.find("key"));
}

TEST_CASE("trimming removes the entries not used for longest") {
    const scratch_folder folder;
    const kernel_cache cache(folder.path());
    const std::string bytes(10'000, 'k');
    for (const char* key : {"a", "b", "c", "d"}) cache.store(key, bytes);
    age(cache, "a", 4);
    age(cache, "b", 3);
    age(cache, "c", 2);
    CHECK(cache.find("a"));  // used now
    cache.trim(25'000);
    CHECK(cache.find("a"));
    CHECK(!cache.find("b"));
    CHECK(!cache.find("c"));
    CHECK(cache.find("d"));
    cache.trim(0);
    CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("trimming leaves other files alone, but not what killed writers left long ago") {
    const scratch_folder folder;
    const kernel_cache cache(folder.path());
    testing::write_text(folder.file("notes.txt"), "mine");
    testing::write_text(folder.file(".kiln-0123456789abcdef.tmp"), "being written");
    testing::write_text(folder.file(".kiln-fedcba9876543210.tmp"), "left behind");
    std::filesystem::last_write_time(folder.file(".kiln-fedcba9876543210.tmp"),
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
    cache.trim(0);
    CHECK(std::filesystem::exists(folder.file("notes.txt")));
    CHECK(std::filesystem::exists(folder.file(".kiln-0123456789abcdef.tmp")));
    CHECK(!std::filesystem::exists(folder.file(".kiln-fedcba9876543210.tmp")));
}

TEST_CASE("a folder that cannot be used only disables the cache") {
    const scratch_folder folder;
    testing::write_text(folder.file("file"), "in the way");
    for (const std::filesystem::path& path : {std::filesystem::path(), folder.path() / "file" / "below"}) {
        const kernel_cache cache(path);
        cache.store("key", "bytes");
        CHECK(!cache.find("key"));
        cache.trim(0);
    }
}

TEST_CASE("many processes share a cache: a reader sees a whole entry or none") {
    const scratch_folder folder;
    std::vector<pid_t> children;
    for (int child = 0; child < 6; ++child) {
        const pid_t process = ::fork();
        if (process == 0) {
            const kernel_cache cache(folder.path());
            bool right = true;
            for (int round = 0; round < 40; ++round) {
                const std::string key = std::to_string(round % 5);
                const std::string bytes(20'000, static_cast<char>('a' + round % 5));
                if (const auto found = cache.find(key)) right = right && *found == bytes;
                cache.store(key, bytes);
                if (round % 10 == child) cache.trim(50'000);
            }
            ::_exit(right ? 0 : 1);
        }
        children.push_back(process);
    }
    for (const pid_t process : children) {
        int status = -1;
        ::waitpid(process, &status, 0);
        CHECK(status == 0);
    }
    kernel_cache(folder.path()).trim(50'000);
    CHECK(files_in(folder.path()) == 2);
}

TEST_CASE("KILN_CACHE_BYTES must be a number") {
    ::setenv("KILN_CACHE_BYTES", "12345", 1);
    CHECK(compiler::cache_limit() == 12345);
    ::setenv("KILN_CACHE_BYTES", "1 GiB", 1);
    CHECK_THROWS_WITH_AS(compiler::cache_limit(),
                         "the variable KILN_CACHE_BYTES must be a number of bytes, found '1 GiB'", error);
    ::unsetenv("KILN_CACHE_BYTES");
    CHECK(compiler::cache_limit() == std::uint64_t{1} << 30);
}
