#include <doctest/doctest.h>

#include <kiln/runtime/gzip.hpp>
#include <kiln/runtime/idx.hpp>

#include "idx_samples.hpp"
#include "temporary_folder.hpp"

using namespace kiln;
using namespace kiln::test;

namespace {

std::string refusal(const byte_string& file) {
    return error_text([&] { parse_idx(file, "f.idx"); });
}

}  // namespace

TEST_CASE("bytes stay bytes, other types become numbers, big-endian") {
    const idx_array bytes = parse_idx(make_idx(0x08, {2, 3}, "000102fdfeff"), "f");
    CHECK(bytes.shape == std::vector<std::int64_t>{2, 3});
    CHECK(bytes.levels == std::vector<std::uint8_t>{0, 1, 2, 253, 254, 255});
    CHECK(bytes.values.empty());
    CHECK(parse_idx(make_idx(0x09, {2}, "01ff"), "f").values == std::vector<float>{1, -1});
    CHECK(parse_idx(make_idx(0x0b, {2}, "0102fffe"), "f").values == std::vector<float>{258, -2});
    CHECK(parse_idx(make_idx(0x0c, {1}, "00010000"), "f").values == std::vector<float>{65536});
    CHECK(parse_idx(make_idx(0x0d, {2}, "3f800000c0200000"), "f").values == std::vector<float>{1, -2.5});
    CHECK(parse_idx(make_idx(0x0e, {1}, "4009000000000000"), "f").values == std::vector<float>{3.125});
    CHECK(parse_idx(make_idx(0x0d, {0, 5}, ""), "f").values.empty());
}

TEST_CASE("a gzip file is read as what it holds, whatever its header says besides") {
    const byte_string plain = make_idx(0x08, {4}, "00010203");
    for (const int flags : {0, 2, 4, 8, 16, 30}) {
        CAPTURE(flags);
        const byte_string file = make_gzip(plain, flags);
        CHECK(gunzip(file, "f") == plain);
        CHECK(parse_idx(file, "f").levels == std::vector<std::uint8_t>{0, 1, 2, 3});
    }
    CHECK(mentions(error_text([&] { parse_idx(make_gzip(make_gzip(plain, 0), 0), "f"); }), {"not an IDX file"}));
}

TEST_CASE("what is no IDX file, or another size than it says, is refused with the reason") {
    CHECK(mentions(refusal(to_bytes("\x89PNG")), {"f.idx", "is not an IDX file"}));
    CHECK(mentions(refusal(make_idx(0x0a, {1}, "00")), {"0x0a", "0x08"}));
    CHECK(mentions(refusal(make_idx(0x08, {2, 3}, "0001020304")), {"2x3", "6 bytes", "found 5"}));
    CHECK(mentions(refusal(make_idx(0x08, {0xffffffff, 0xffffffff, 0xffffffff}, "")), {"too large"}));
    byte_string cut = make_idx(0x08, {2, 3}, "000102030405");
    cut.resize(9);
    CHECK(mentions(refusal(cut), {"ends within its 2 extents"}));
}

TEST_CASE("a gzip file that lies about its size, its content or its kind is refused") {
    byte_string file = make_gzip(make_idx(0x08, {4}, "00010203"), 0);
    const auto changed = [&](std::size_t from_end, std::uint8_t to) {
        byte_string other = file;
        other[other.size() - from_end] = std::byte{to};
        return refusal(other);
    };
    CHECK(mentions(changed(8, 0x77), {"CRC-32"}));
    CHECK(mentions(changed(4, 3), {"yields more"}));
    CHECK(mentions(changed(1, 0xf0), {"inflates to", "gunzip"}));
    file[3] = std::byte{0x20};
    CHECK(mentions(refusal(file), {"gzip does not know"}));
}
