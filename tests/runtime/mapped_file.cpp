#include <doctest/doctest.h>
#include <sys/stat.h>

#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/mapped_file.hpp>

#include "samples.hpp"
#include "temporary_folder.hpp"

using namespace kiln;
using namespace kiln::test;

TEST_CASE("a mapped file shows the file's bytes, also after it is moved") {
    const temporary_folder folder;
    write_file(folder / "data", bytes_of("some bytes"));
    mapped_file first(folder / "data");
    CHECK(text_of(first.bytes()) == "some bytes");
    const byte_view before = first.bytes();
    const mapped_file second(std::move(first));
    CHECK(second.bytes().data() == before.data());
}

TEST_CASE("an empty file maps to no bytes") {
    const temporary_folder folder;
    write_file(folder / "empty", {});
    CHECK(mapped_file(folder / "empty").bytes().empty());
}

TEST_CASE("what is no regular file is refused at once, with the path and the reason") {
    const temporary_folder folder;
    REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    const auto refusal = [](const std::filesystem::path& path) { return error_text([&] { mapped_file{path}; }); };
    CHECK(mentions(refusal(folder / "fifo"), {"fifo", "FIFO"}));
    CHECK(mentions(refusal(folder.path()), {folder.path().string(), "directory"}));
    CHECK(mentions(refusal("/dev/zero"), {"/dev/zero", "device"}));
    CHECK(mentions(refusal(folder / "absent"), {"absent", "No such file or directory"}));
}
