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

TEST_CASE("whole numbers and truth values are written in their own type, and listed with it") {
    const temporary_folder folder;
    const tensor_map tensors{{"f", {{1}, {0.5F}}},
                             {"i", {{2}, {}, element::int32, {-1, 7}}},
                             {"l", {{1, 2}, {}, element::int64, {-3, 1 << 20}}},
                             {"t", {{3}, {}, element::boolean, {1, 0, 1}}}};
    for (const char* name : {"all.npz", "all.safetensors"}) {
        write_tensors(folder / name, tensors);
        const tensor_map found = read_tensors(folder / name);  // as float32
        CHECK(found.at("l").values == std::vector<float>{-3, 1 << 20});
        CHECK(found.at("t").values == std::vector<float>{1, 0, 1});
        std::vector<tensor_entry> listed = list_tensors(folder / name);
        REQUIRE(listed.size() == 4);
        const char* types[] = {"float32", "int32", "int64", "boolean"};
        const std::uint64_t bytes[] = {4, 8, 16, 3};
        for (std::size_t i = 0; i < 4; ++i) {
            CHECK(listed[i].type == types[i]);
            CHECK(listed[i].bytes == bytes[i]);
            CHECK(listed[i].shape == tensors.at(listed[i].name).shape);
        }
    }
    write_tensors(folder / "i.npy", {{"i", tensors.at("i")}});
    CHECK(list_tensors(folder / "i.npy").at(0).type == "int32");
    CHECK(read_tensors(folder / "i.npy").at("i").values == std::vector<float>{-1, 7});
}
