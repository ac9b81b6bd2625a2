#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kiln/runtime/atomic_file.hpp>

#include "samples.hpp"
#include "temporary_folder.hpp"

using namespace kiln;
using namespace kiln::test;
namespace fs = std::filesystem;

TEST_CASE("a committed file holds all that was written and leaves nothing beside it") {
    const temporary_folder folder;
    atomic_file file(folder / "out.bin");
    file.write(bytes_of("one "));
    file.write({});
    file.write(bytes_of("two"));
    CHECK(file.size() == 7);
    CHECK_FALSE(fs::exists(folder / "out.bin"));
    file.commit();
    CHECK(read_text(folder / "out.bin") == "one two");
    CHECK(folder.entries() == 1);
    CHECK(error_text([&] { file.write(bytes_of("x")); }) != "no error");
    CHECK(error_text([&] { file.commit(); }) != "no error");
}

TEST_CASE("without commit the target stays as it was and the temporary goes") {
    const temporary_folder folder;
    write_file(folder / "out", bytes_of("old"));
    CHECK_THROWS_AS(
        [&] {
            atomic_file file(folder / "out");
            file.write(bytes_of("new"));
            throw std::runtime_error("the writer failed");
        }(),
        std::runtime_error);
    CHECK(read_text(folder / "out") == "old");
    CHECK(folder.entries() == 1);
}

TEST_CASE("a replaced file keeps its permissions") {
    const temporary_folder folder;
    write_file(folder / "out", bytes_of("old"));
    REQUIRE(::chmod((folder / "out").c_str(), 0640) == 0);
    write_file(folder / "out", bytes_of("new"));
    struct stat status;
    REQUIRE(::stat((folder / "out").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0640);
    CHECK(read_text(folder / "out") == "new");
}

TEST_CASE("links are written through, whether their target exists or not") {
    const temporary_folder folder;
    fs::create_directory(folder / "real");
    fs::create_symlink("real/target", folder / "link");
    for (const char* text : {"first", "second"}) {
        write_file(folder / "link", bytes_of(text));
        CHECK(fs::is_symlink(folder / "link"));
        CHECK(read_text(folder / "real/target") == text);
    }
    fs::create_symlink("loop", folder / "loop");
    CHECK(mentions(error_text([&] { write_file(folder / "loop", {}); }), {"loop", "cannot be written"}));
}

TEST_CASE("targets that are no files are refused with the path and the reason") {
    const temporary_folder folder;
    const auto refusal = [](const fs::path& path) { return error_text([&] { write_file(path, bytes_of("x")); }); };
    CHECK(mentions(refusal(folder.path()), {folder.path().string(), "directory"}));
    CHECK(mentions(refusal("/dev/null"), {"/dev/null", "not a regular file"}));
    CHECK(mentions(refusal(folder / "absent/out"), {"absent/out", "No such file or directory"}));
    write_file(folder / "file", bytes_of("x"));
    CHECK(mentions(refusal(folder / "file/out"), {"file/out", "Not a directory"}));
    CHECK(mentions(refusal(folder / "new/"), {"new/", "folder"}));
    CHECK(mentions(refusal(""), {"empty"}));
    CHECK(folder.entries() == 1);
}

TEST_CASE("a folder that may not be written is refused" * doctest::skip(::geteuid() == 0)) {
    const temporary_folder folder;
    fs::create_directory(folder / "locked");
    REQUIRE(::chmod((folder / "locked").c_str(), 0555) == 0);
    CHECK(mentions(error_text([&] { write_file(folder / "locked/out", {}); }), {"locked/out", "Permission denied"}));
}
