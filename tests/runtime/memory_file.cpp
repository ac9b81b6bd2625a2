#include <doctest/doctest.h>

#include <kiln/runtime/mapped_file.hpp>
#include <kiln/runtime/memory_file.hpp>
#include <string>

namespace kiln {
namespace {

std::string text_of(byte_view bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

TEST_CASE("a memory file is read by its path while it lives") {
    std::string path;
    {
        const memory_file file("sample", bytes_of("a filter's weights"));
        path = file.path();
        CHECK(text_of(mapped_file(path).bytes()) == "a filter's weights");
    }
    CHECK_THROWS(mapped_file(path));
}

TEST_CASE("two memory files of one name are two files") {
    const memory_file first("same", bytes_of("first")), second("same", bytes_of("second"));
    CHECK(text_of(mapped_file(first.path()).bytes()) == "first");
    CHECK(text_of(mapped_file(second.path()).bytes()) == "second");
}

}  // namespace
}  // namespace kiln
