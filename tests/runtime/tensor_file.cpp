#include <doctest/doctest.h>

#include <kiln/runtime/tensor_file.hpp>

#include "samples.hpp"
#include "temporary_folder.hpp"

using namespace kiln;
using namespace kiln::test;

TEST_CASE("the extension chooses the format") {
    const temporary_folder folder;
    const tensor_map tensors{{"weights", {{2, 2}, {1, 2, 3, 4}}}};
    for (const char* name : {"weights.npy", "weights.npz", "weights.safetensors"}) {
        write_tensors(folder / name, tensors);
        CHECK(read_tensors(folder / name).at("weights").values == tensors.at("weights").values);
    }
    CHECK(read_text(folder / "weights.npy").starts_with("\x93NUMPY"));
    CHECK(read_text(folder / "weights.npz").starts_with("PK"));
    CHECK(read_text(folder / "weights.safetensors").find("\"weights\"") != std::string::npos);
}

TEST_CASE("an .npy file's tensor is named after the file") {
    const temporary_folder folder;
    write_tensors(folder / "image.v2.npy", {{"anything", {{1}, {5}}}});
    CHECK(read_tensors(folder / "image.v2.npy").contains("image.v2"));
}

TEST_CASE("other extensions, and several tensors in an .npy file, are refused before anything is written") {
    const temporary_folder folder;
    const tensor_map two{{"a", {{}, {1}}}, {"b", {{}, {1}}}};
    CHECK(mentions(error_text([&] { write_tensors(folder / "w.bin", two); }), {"w.bin", "'.bin'", ".safetensors"}));
    CHECK(mentions(error_text([&] { read_tensors(folder / "weights"); }), {"weights", "no extension"}));
    CHECK(mentions(error_text([&] { write_tensors(folder / "w.npy", two); }), {"w.npy", "one tensor", "2"}));
    CHECK(folder.entries() == 0);
}

TEST_CASE("a file that is not there is named with the reason") {
    CHECK(mentions(error_text([] { read_tensors("/nowhere/w.npz"); }), {"/nowhere/w.npz", "No such file"}));
}
