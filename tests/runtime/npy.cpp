#include <doctest/doctest.h>

#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/npy.hpp>
#include <kiln/runtime/npy_header.hpp>

#include "temporary_folder.hpp"
#include "zip_samples.hpp"

using namespace kiln;
using namespace kiln::test;

namespace {

std::string refusal(const byte_string& bytes) {
    return error_text([&] { parse_npy(bytes, "a.npy"); });
}

std::string refusal(std::string_view dictionary, std::size_t data_size = 0) {
    return refusal(make_npy(dictionary, byte_string(data_size)));
}

}  // namespace

TEST_CASE("an .npy file gives back what was written, scalars and empty arrays too") {
    const temporary_folder folder;
    for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{}, {3}, {2, 3}, {4, 0, 2}, {1, 2, 3, 4}}) {
        tensor value{shape, std::vector<float>(static_cast<std::size_t>(*element_count(shape)))};
        for (std::size_t i = 0; i < value.values.size(); ++i) value.values[i] = static_cast<float>(i) - 1.5f;
        write_npy(folder / "a.npy", value);
        const tensor back = read_npy(folder / "a.npy");
        CHECK(back.shape == shape);
        CHECK(back.values == value.values);
    }
}

TEST_CASE("the preamble is what numpy writes, aligned to 64 bytes") {
    const std::string preamble = npy_preamble({2, 3});
    CHECK(preamble.size() % 64 == 0);
    CHECK(preamble.back() == '\n');
    CHECK(preamble.substr(0, 10) == std::string("\x93NUMPY\x01\x00v\x00", 10));
    CHECK(preamble.find("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }") == 10);
    CHECK(npy_preamble({7}).find("'shape': (7,), }") != std::string::npos);
    CHECK(npy_preamble({}).find("'shape': (), }") != std::string::npos);
}

TEST_CASE("a Fortran-ordered int16 array written by numpy 1.24 is read in row-major order") {
    // np.save(f, np.asfortranarray(np.arange(6, dtype='<i2').reshape(2, 3) - 2))
    byte_string file = to_bytes(
        "\x93NUMPY\x01"
        "?"
        "v"
        "?"
        "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }");
    file[7] = file[9] = std::byte{0};
    file.resize(127, std::byte{' '});
    const byte_string rest = from_hex("0afeff0100ffff020000000300");
    file.insert(file.end(), rest.begin(), rest.end());
    const tensor value = parse_npy(file, "numpy.npy");
    CHECK(value.shape == std::vector<std::int64_t>{2, 3});
    CHECK(value.values == std::vector<float>{-2, -1, 0, 1, 2, 3});
}

TEST_CASE("Fortran order is undone at rank 3") {
    std::vector<float> columns;  // element (i, j, k) of a 2x3x4 array holds 100 i + 10 j + k
    for (int k = 0; k < 4; ++k)
        for (int j = 0; j < 3; ++j)
            for (int i = 0; i < 2; ++i) columns.push_back(static_cast<float>(100 * i + 10 * j + k));
    const tensor value = parse_npy(
        make_npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3, 4)}", std::as_bytes(std::span(columns))),
        "f");
    std::size_t at = 0;
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 3; ++j)
            for (int k = 0; k < 4; ++k) CHECK(value.values[at++] == 100 * i + 10 * j + k);
}

TEST_CASE("versions 2 and 3, other key orders, quotes and Python 2's long integers are read") {
    const std::vector<float> two{1, 2};
    const byte_view data = std::as_bytes(std::span(two));
    for (const int version : {1, 2, 3})
        CHECK(parse_npy(make_npy("{\"shape\": ( 2L , ),\"fortran_order\":False,'descr' : '<f4'}", data, version), "f")
                  .values == two);
    CHECK(parse_npy(make_npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", to_bytes("\x01\x02")), "f")
              .values == std::vector<float>{1, 1});
}

TEST_CASE("a size that disagrees with the shape is named with both") {
    CHECK(mentions(refusal("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", 20),
                   {"a.npy", "2x3", "24", "20"}));
    CHECK(mentions(refusal("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", 28), {"24", "28"}));
    CHECK(mentions(refusal("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}"),
                   {"too large"}));
    CHECK(mentions(refusal("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296)}"),
                   {"too large"}));
    CHECK(mentions(refusal("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}"), {"2^63"}));
}

TEST_CASE("types that are not supported are named") {
    for (const char* type : {"'>f4'", "'<c8'", "'|O'", "'<U5'", "'f4'", "''", "'|f4'", "'\x1b'"})
        CHECK(mentions(refusal(std::string("{'descr': ") + type + ", 'fortran_order': False, 'shape': ()}", 4),
                       {"a.npy", "elements of type", "f2, f4, f8"}));
    CHECK(mentions(refusal("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': ()}", 4), {"structured"}));
}

TEST_CASE("headers that are no such dictionary are refused") {
    for (const char* dictionary :
         {"", "{", "{}", "{'descr': '<f4'}", "{'descr' '<f4'}", "{'descr': '<f4}", "{'descr': '<f4', 'descr': '<f4'}",
          "{'descr': '<f4', 'fortran_order': false, 'shape': ()}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (4)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (-4,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': [4]}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (4,,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': ()} x",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': 1}"})
        CHECK_MESSAGE(mentions(refusal(dictionary, 4), {"a.npy", "header is not valid"}), dictionary);
    std::string many = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
    for (int i = 0; i < 65; ++i) many += "1,";
    CHECK(mentions(refusal(many + ")}", 4), {"more than 64 extents"}));
    CHECK(mentions(refusal(to_bytes("not an array")), {"a.npy", "not an .npy array"}));
    CHECK(mentions(refusal(make_npy("{}", {}, 9)), {"version 9"}));
}
