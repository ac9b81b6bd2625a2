#include <doctest/doctest.h>

#include <kiln/runtime/npz.hpp>
#include <kiln/runtime/zip_reader.hpp>

#include "temporary_folder.hpp"
#include "zip_samples.hpp"

using namespace kiln;
using namespace kiln::test;

namespace {

std::string refusal(const byte_string& bytes) {
    return error_text([&] { parse_npz(bytes, "w.npz"); });
}

const byte_string two = make_npy_floats("(2,)", {1, 2});

}  // namespace

TEST_CASE("an .npz file gives back what was written, odd names and empty maps too") {
    const temporary_folder folder;
    tensor_map tensors;
    tensors["conv1/weight"] = {{2, 1}, {1.5f, -2.0f}};
    tensors["caf\xc3\xa9 \"x\"\n"] = {{}, {7.0f}};
    tensors[""] = {{0}, {}};
    tensors["../../etc/passwd"] = {{1}, {3.0f}};
    for (const tensor_map& map : {tensors, tensor_map{}}) {
        write_npz(folder / "w.npz", map);
        const tensor_map back = read_npz(folder / "w.npz");
        REQUIRE(back.size() == map.size());
        for (const auto& [name, value] : map) {
            CHECK(back.at(name).shape == value.shape);
            CHECK(back.at(name).values == value.values);
        }
    }
    CHECK(folder.entries() == 1);
}

TEST_CASE("equal tensors make equal files") {
    const temporary_folder folder;
    const tensor_map tensors{{"a", {{2}, {1, 2}}}, {"b", {{1}, {3}}}};
    write_npz(folder / "1.npz", tensors);
    write_npz(folder / "2.npz", tensors);
    CHECK(read_text(folder / "1.npz") == read_text(folder / "2.npz"));
}

TEST_CASE("an archive written by numpy.savez_compressed 1.24 is read") {
    // np.savez_compressed(f, w=np.array([[1.5, -2], [0.25, 3e10]], 'f4'), **{'b/\u00e9': np.array([True, False])})
    const byte_string file = from_hex(
        "504b03041400000008000000210009513a8d550000009000000005001400772e6e7079010010009000000000000000550000000000"
        "00009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498179f5f94920a12774bcc294e058a1767"
        "2416a402f91a463a0a469a3a0ab50a64032e068603f60c408281a1c1aeace57e0000504b030414000008080000002100ee19bb5d46"
        "0000008200000008001400622fc3a92e6e707901001000820000000000000046000000000000009bec17ea1b10c9c850c650ad9e92"
        "5a9c5ca46ea5a05e9364a8aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a463a9a3a0ab50a14002e"
        "460600504b010214031400000008000000210009513a8d550000009000000005000000000000000000000080010000000077"
        "2e6e7079504b0102140314000008080000002100ee19bb5d460000008200000008000000000000000000000080018c000000622fc3"
        "a92e6e7079504b05060000000002000200690000000c0100000000");
    const tensor_map tensors = parse_npz(file, "numpy.npz");
    REQUIRE(tensors.size() == 2);
    CHECK(tensors.at("w").shape == std::vector<std::int64_t>{2, 2});
    CHECK(tensors.at("w").values == std::vector<float>{1.5f, -2.0f, 0.25f, 3e10f});
    CHECK(tensors.at("b/\xc3\xa9").values == std::vector<float>{1, 0});
}

TEST_CASE("stored, deflated, zip64 and streamed entries are read, with a comment behind them") {
    for (const bool deflated : {false, true})
        for (const bool zip64 : {false, true})
            for (const bool descriptor : {false, true})
                for (const bool zip64_end : {false, true}) {
                    byte_string file = make_zip(
                        {{"a.npy", two, deflated, zip64, descriptor}, {"b.npy", two, deflated, zip64, descriptor}},
                        zip64_end);
                    file[file.size() - 2] = std::byte{5};
                    for (const char letter : {'h', 'e', 'l', 'l', 'o'}) file.push_back(static_cast<std::byte>(letter));
                    const tensor_map tensors = parse_npz(file, "w.npz");
                    CHECK(tensors.at("a").values == std::vector<float>{1, 2});
                    CHECK(tensors.at("b").values == std::vector<float>{1, 2});
                }
}

TEST_CASE("a content that is not what the directory declares is refused") {
    byte_string damaged = make_zip({{"a.npy", two}});
    damaged[30 + 5 + 4 + two.size() - 1] ^= std::byte{1};
    CHECK(mentions(refusal(damaged), {"w.npz", "'a.npy'", "CRC-32"}));
    CHECK(mentions(refusal(make_zip({{.name = "a.npy", .content = two, .declared_size = 7}})),
                   {"'a.npy'", "declares 7"}));
    const auto inflated = [](std::uint64_t size) {
        return refusal(make_zip({{.name = "a.npy", .content = two, .deflated = true, .declared_size = size}}));
    };
    CHECK(mentions(inflated(two.size() - 1), {"'a.npy'", "yields more"}));
    CHECK(mentions(inflated(two.size() + 1), {"'a.npy'", "yields " + std::to_string(two.size())}));
    CHECK(mentions(refusal(make_zip({{"a.npy", to_bytes("hello")}})), {"w.npz", "tensor 'a'", "not an .npy array"}));
    CHECK(mentions(refusal(make_zip({{"readme.txt", to_bytes("hello")}})), {"'readme.txt'", "not an .npy array"}));
    CHECK(mentions(refusal(make_zip({{"a.npy", make_npy_floats("(3,)", {1, 2})}})), {"tensor 'a'", "12", "8"}));
}

TEST_CASE("bombs are refused before memory is spent on them") {
    const auto declared = [](std::uint64_t size) {
        return refusal(
            make_zip({{.name = "a.npy", .content = two, .deflated = true, .zip64 = true, .declared_size = size}}));
    };
    CHECK(mentions(declared(60 << 20), {"'a.npy'", "too short"}));
    CHECK(mentions(declared(std::uint64_t{1} << 40), {"tensor 'a'", "more than a file of this size may"}));
    CHECK(mentions(declared(~std::uint64_t{0}), {"tensor 'a'", "more than a file of this size may"}));

    // Genuine: bytes that inflate to 40 MiB would become 160 MiB of floats.
    const byte_string zeros =
        make_npy("{'descr': '|u1', 'fortran_order': False, 'shape': (41943040,)}", byte_string(std::size_t{40} << 20));
    CHECK(mentions(refusal(make_zip({{"a.npy", zeros, true}})), {"tensor 'a'", "numpy.savez"}));
    // A smaller one is welcome once, but not many times over.
    const byte_string some = make_npy_floats("(5000000,)", std::vector<float>(5'000'000));
    CHECK(parse_npz(make_zip({{"a.npy", some, true}}), "w.npz").at("a").values.size() == 5'000'000);
    std::vector<zip_sample> many;
    for (const char* name : {"a.npy", "b.npy", "c.npy", "d.npy"}) many.push_back({name, some, true});
    CHECK(mentions(refusal(make_zip(many)), {"tensor 'd'", "more than a file of this size may"}));
}

TEST_CASE("archives that contradict themselves are refused") {
    CHECK(mentions(refusal(make_zip({{"a.npy", two}, {"a.npy", two}})), {"w.npz", "two entries", "'a.npy'"}));
    CHECK(mentions(refusal(make_zip({{"a.npy", two}, {.name = "b.npy", .content = two, .declared_offset = 0}})),
                   {"'b.npy'", "another name"}));
    CHECK(mentions(refusal(make_zip({{.name = "a.npy", .content = two, .declared_offset = 1 << 30}})),
                   {"'a.npy'", "ends at"}));
    CHECK(mentions(refusal(make_zip({{.name = "a.npy", .content = two, .flags = 1}})), {"'a.npy'", "encrypted"}));
    CHECK(mentions(refusal(make_zip({{.name = "a.npy", .content = two, .method = 14}})), {"'a.npy'", "method 14"}));
    CHECK(mentions(refusal({}), {"w.npz", "end record is missing"}));
    CHECK(mentions(refusal(byte_string(100'000)), {"end record is missing"}));
}

TEST_CASE("entries that share bytes are refused") {
    // The outer entry's data holds the complete inner entry, to which the directory points too.
    const byte_string inner = make_zip({{"b.npy", two}});
    byte_string file = make_zip({{"a.npy", inner}, {"b.npy", two}});
    const std::size_t inner_at = 30 + 5 + 4;
    const std::size_t end = file.size() - 22;
    const std::size_t second = end - 46 - 5;  // the directory's second entry
    const auto offset = static_cast<std::uint32_t>(inner_at);
    std::memcpy(file.data() + second + 42, &offset, sizeof offset);
    CHECK(mentions(error_text([&] { list_zip(file, "w.npz"); }), {"'a.npy'", "overlaps"}));
}

TEST_CASE("names that an archive cannot hold are refused and leave no file") {
    const temporary_folder folder;
    const tensor one{{}, {1}};
    for (const std::string& name : {std::string("a\0b", 3), std::string("\xff"), std::string(70'000, 'x')})
        CHECK(mentions(error_text([&] { write_npz(folder / "w.npz", {{name, one}}); }), {"w.npz", "UTF-8"}));
    CHECK(mentions(error_text([&] { write_npz(folder / "w.npz", {{"a", {{2}, {1}}}}); }), {"w.npz", "tensor 'a'"}));
    CHECK(folder.entries() == 0);
}
