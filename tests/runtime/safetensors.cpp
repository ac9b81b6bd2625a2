#include <doctest/doctest.h>

#include <kiln/runtime/safetensors.hpp>

#include "temporary_folder.hpp"
#include "zip_samples.hpp"

using namespace kiln;
using namespace kiln::test;

namespace {

byte_string make_safetensors(std::string_view header, std::size_t data_size) {
    byte_string file;
    append_little(file, std::uint64_t{header.size()});
    file.insert(file.end(), bytes_of(header).begin(), bytes_of(header).end());
    for (std::size_t i = 0; i < data_size; ++i) file.push_back(static_cast<std::byte>(i));
    return file;
}

std::string refusal(std::string_view header, std::size_t data_size = 0) {
    return error_text([&] { parse_safetensors(make_safetensors(header, data_size), "w.safetensors"); });
}

}  // namespace

TEST_CASE("a safetensors file gives back what was written, odd names and empty maps too") {
    const temporary_folder folder;
    tensor_map tensors;
    tensors["conv1.weight"] = {{2, 1, 2}, {1.5f, -2.0f, 0.0f, 3e38f}};
    tensors["quote\" \\ \n caf\xc3\xa9"] = {{}, {7.0f}};
    tensors[""] = {{0, 5}, {}};
    for (const tensor_map& map : {tensors, tensor_map{}}) {
        write_safetensors(folder / "w.safetensors", map);
        const tensor_map back = read_safetensors(folder / "w.safetensors");
        REQUIRE(back.size() == map.size());
        for (const auto& [name, value] : map) {
            CHECK(back.at(name).shape == value.shape);
            CHECK(back.at(name).values == value.values);
        }
    }
}

TEST_CASE("the written bytes are the format's") {
    const temporary_folder folder;
    write_safetensors(folder / "w.safetensors", {{"a", {{2}, {1, 2}}}});
    const std::string text = read_text(folder / "w.safetensors");
    const std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
    CHECK(text[0] == static_cast<char>((header.size() + 7) / 8 * 8));
    CHECK(text.substr(8, header.size()) == header);
    CHECK(text.substr(text.size() - 8) == std::string("\0\0\x80\x3f\0\0\0\x40", 8));
}

TEST_CASE("what is said beside the tensors comes back, whatever it says") {
    const temporary_folder folder;
    const text_map said{{"", ""}, {"epoch", "3"}, {"lines", "{\"a\": 1}\n\x01 caf\xc3\xa9"}};
    const tensor steps{{2}, {}, element::int64, {std::int64_t{1} << 40 | 1, -1}};
    write_safetensors(folder / "w", {{"a", {{1}, {2}}}, {"steps", steps}}, said);
    const safetensors_content back = read_safetensors_content(folder / "w");
    CHECK(back.metadata == said);
    CHECK(back.tensors.at("a").values == std::vector<float>{2});
    CHECK(back.tensors.at("steps").type == element::int64);
    CHECK(back.tensors.at("steps").integers == steps.integers);
    CHECK(read_safetensors(folder / "w").at("steps").type == element::float32);
    CHECK(mentions(error_text([&] { write_safetensors(folder / "w", {}, {{"bad", "\xff"}}); }), {"'bad'", "UTF-8"}));
    CHECK(read_safetensors_content(folder / "w").metadata == said);
}

TEST_CASE("types, metadata and tensors in any order are read") {
    const byte_string file =
        make_safetensors(R"({"__metadata__":{"format":"pt"},"late":{"data_offsets":[4,6],"shape":[2],"dtype":"U8"},)"
                         R"("early":{"dtype":"I16","shape":[1,2],"data_offsets":[0,4]}}   )",
                         6);
    const tensor_map tensors = parse_safetensors(file, "f");
    CHECK(tensors.size() == 2);
    CHECK(tensors.at("early").values == std::vector<float>{0x0100, 0x0302});
    CHECK(tensors.at("early").shape == std::vector<std::int64_t>{1, 2});
    CHECK(tensors.at("late").values == std::vector<float>{4, 5});
}

TEST_CASE("shape, type and offsets that disagree are named with what was expected and found") {
    CHECK(mentions(refusal(R"({"a":{"dtype":"F32","shape":[3,4],"data_offsets":[0,40]}})", 40),
                   {"w.safetensors", "'a'", "3x4", "48", "40"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7),
                   {"'a'", "outside", "7 bytes"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8), {"'a'", "outside"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[18446744073709551608,0]}})", 8),
                   {"outside"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})"),
                   {"too large"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", 1),
                   {"'a'", "F8_E4M3", "BF16"}));
    CHECK(mentions(refusal("{}", 1), {"take 0 bytes", "holds 1"}));
}

TEST_CASE("data that overlaps or leaves gaps is refused") {
    CHECK(mentions(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                           R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
                           6),
                   {"'b'", "overlaps"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                           R"("b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
                           4),
                   {"overlaps"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2), {"'a'", "gap"}));
}

TEST_CASE("headers of another structure are refused with the tensor they are about") {
    CHECK(mentions(refusal(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{}})"), {"'a'", "twice"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"U8","dtype":"U8"}})"), {"'a'", "two keys 'dtype'"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"U8","shape":[0]}})"), {"'a'", "no key 'data_offsets'"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}})"), {"'a'", "two numbers, found 1"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0,0]}})"), {"'a'", "found 3"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}})"),
                   {"shape of tensor 'a'", "negative"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,0]}})"),
                   {"shape of tensor 'a'", "fraction"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"U8","shape":[[1]],"data_offsets":[0,0]}})"),
                   {"shape of tensor 'a'", "array"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,0]}})"), {"shape"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":8}})"), {"dtype of tensor 'a'", "number"}));
    CHECK(mentions(refusal(R"({"a":{"colour":"red"}})"), {"'a'", "unknown key 'colour'"}));
    CHECK(mentions(refusal(R"({"a":5})"), {"'a'", "must be an object"}));
    CHECK(mentions(refusal(R"([])"), {"must be an object"}));
    CHECK(mentions(refusal(R"({"__metadata__":{"a":{}}})"), {"__metadata__", "strings"}));
    CHECK(mentions(refusal(R"({"__metadata__":[]})"), {"__metadata__", "strings"}));
    CHECK(mentions(refusal(R"({"a":)"), {"not JSON at byte"}));
    CHECK(mentions(refusal("{\"\xff\":{}}"), {"not JSON at byte"}));
    CHECK(mentions(refusal(""), {"not JSON"}));
    CHECK(mentions(refusal(R"({} {})"), {"not JSON"}));
}

TEST_CASE("a deeply nested header costs neither stack nor memory") {
    CHECK(mentions(refusal(std::string(3'000'000, '[')), {"must be an object"}));
    CHECK(mentions(refusal(R"({"a":{"dtype":"U8","shape":[)" + std::string(1'000'000, '[')), {"array"}));
}

TEST_CASE("a declared header size beyond the file is refused") {
    const auto text = [](const byte_string& file) { return error_text([&] { parse_safetensors(file, "w"); }); };
    CHECK(mentions(text(from_hex("ffffffffffffffff7b7d")), {"18446744073709551615", "2 follow"}));
    CHECK(mentions(text(from_hex("0300000000000000")), {"3 bytes", "0 follow"}));
    CHECK(mentions(text(from_hex("03000000")), {"too short"}));
}

TEST_CASE("names that the format cannot hold are refused and leave no file") {
    const temporary_folder folder;
    const tensor one{{}, {1}};
    const auto text = [&](const tensor_map& map) {
        return error_text([&] { write_safetensors(folder / "w.safetensors", map); });
    };
    CHECK(mentions(text({{"\xff", one}}), {"w.safetensors", "\\xff", "UTF-8"}));
    CHECK(mentions(text({{"__metadata__", one}}), {"__metadata__"}));
    CHECK(mentions(text({{"a", {{2}, {1}}}}), {"tensor 'a'"}));
    CHECK(folder.entries() == 0);
}
