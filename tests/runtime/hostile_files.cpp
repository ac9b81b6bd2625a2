// Every reader, fed files that were cut short or changed at random: it must read them or throw kiln::error. Whatever
// else happens (another exception, a crash, a sanitizer's report) fails the test.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <kiln/runtime/idx.hpp>
#include <kiln/runtime/image.hpp>
#include <kiln/runtime/npy.hpp>
#include <kiln/runtime/npz.hpp>
#include <kiln/runtime/safetensors.hpp>
#include <random>

#include "idx_samples.hpp"
#include "image_samples.hpp"
#include "temporary_folder.hpp"
#include "zip_samples.hpp"

using namespace kiln;
using namespace kiln::test;

namespace {

struct hostile_case {
    const char* name;
    byte_string file;
    std::function<void(byte_view)> read;
};

byte_string sample_safetensors() {
    const temporary_folder folder;
    write_safetensors(folder / "w", {{"a", {{2, 3}, {1, 2, 3, 4, 5, 6}}}, {"b.c", {{}, {7}}}});
    return to_bytes(read_text(folder / "w"));
}

std::vector<hostile_case> cases() {
    const auto npy = [](byte_view bytes) { parse_npy(bytes, "f.npy"); };
    const auto npz = [](byte_view bytes) { parse_npz(bytes, "f.npz"); };
    const auto safetensors = [](byte_view bytes) { parse_safetensors(bytes, "f.safetensors"); };
    const auto image = [](byte_view bytes) { parse_image(bytes, "f.image"); };
    const auto idx = [](byte_view bytes) { parse_idx(bytes, "f.idx"); };
    const byte_string array = make_npy_floats("(2, 3)", {1, 2, 3, 4, 5, 6});
    std::vector<std::uint8_t> noise;
    for (int i = 0; i < 16 * 16 * 4; ++i) noise.push_back(static_cast<std::uint8_t>(i * i >> 3));
    const auto pixels = [&](std::size_t count) {
        return std::vector<std::uint8_t>(noise.begin(), noise.begin() + static_cast<std::ptrdiff_t>(count));
    };
    return {
        {"npy", array, npy},
        {"npz, stored", make_zip({{"a.npy", array}, {"b.npy", array}}), npz},
        {"npz, deflated", make_zip({{"a.npy", array, true}, {"b.npy", array, true}}), npz},
        {"npz, zip64", make_zip({{"a.npy", array, true, true, true}}, true), npz},
        {"safetensors", sample_safetensors(), safetensors},
        {"idx", make_idx(0x0d, {2, 1}, "3f800000c0200000"), idx},
        {"idx, gzip", make_gzip(make_idx(0x08, {2, 3}, "000102030405"), 0), idx},
        {"png, rgb", make_png({8, 8, 8, 2, pixels(192)}), image},
        {"png, interlaced palette", make_png({8, 8, 4, 3, pixels(32), true, pixels(48), pixels(4)}), image},
        {"png, 16-bit alpha", make_png({4, 4, 16, 6, pixels(128)}), image},
        {"jpeg", make_jpeg({16, 16, 3, pixels(768)}), image},
        {"jpeg, progressive", make_jpeg({16, 16, 1, pixels(256), true}), image},
        {"jpeg, cmyk", make_jpeg({16, 16, 4, pixels(1024)}), image},
    };
}

/// Whether the file could be read; kiln::error is the only other way out.
bool reads(const hostile_case& hostile, byte_view file) {
    try {
        hostile.read(file);
        return true;
    } catch (const error&) {
        return false;
    }
}

void mutate(byte_string& file, std::mt19937& random) {
    const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
    constexpr std::uint8_t interesting[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    for (std::size_t change = 1 + below(4); change > 0 && !file.empty(); --change) {
        const std::size_t at = below(file.size());
        const auto place = file.begin() + static_cast<std::ptrdiff_t>(at);
        switch (below(6)) {
            case 0: file[at] ^= static_cast<std::byte>(1u << below(8)); break;
            case 1: file[at] = static_cast<std::byte>(random()); break;
            case 2:
                std::fill_n(place, std::min<std::size_t>(file.size() - at, 1 + below(8)),
                            static_cast<std::byte>(interesting[below(5)]));
                break;
            case 3: file.erase(place, place + static_cast<std::ptrdiff_t>(1 + below(file.size() - at))); break;
            case 4: file.insert(place, 1 + below(8), static_cast<std::byte>(random())); break;
            case 5:
                std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(below(at + 1)),
                            std::min<std::size_t>(file.size() - at, 1 + below(8)), place);
                break;
        }
    }
}

}  // namespace

TEST_CASE("a file cut short anywhere is refused") {
    for (const hostile_case& hostile : cases()) {
        CAPTURE(hostile.name);
        CHECK(reads(hostile, hostile.file));
        for (std::size_t size = 0; size < hostile.file.size(); ++size) {
            // A copy of exactly that size, so that reading past its end is seen.
            const byte_string cut(hostile.file.begin(), hostile.file.begin() + static_cast<std::ptrdiff_t>(size));
            CHECK_MESSAGE(!reads(hostile, cut), "cut to " << size << " of " << hostile.file.size());
        }
    }
}

TEST_CASE("a file with bytes behind its end is refused where the format says where that is") {
    for (const hostile_case& hostile : cases()) {
        if (std::string_view(hostile.name).find("npy") == std::string_view::npos &&
            std::string_view(hostile.name).find("safetensors") == std::string_view::npos &&
            std::string_view(hostile.name).find("idx") == std::string_view::npos)
            continue;
        byte_string longer = hostile.file;
        longer.push_back(std::byte{0});
        CHECK_MESSAGE(!reads(hostile, longer), hostile.name);
    }
}

TEST_CASE("a file changed at random is read or refused, whatever the change") {
    for (const hostile_case& hostile : cases()) {
        CAPTURE(hostile.name);
        std::size_t refused = 0;
        for (std::uint32_t seed = 0; seed < 3000; ++seed) {
            CAPTURE(seed);
            std::mt19937 random(seed);
            byte_string file = hostile.file;
            mutate(file, random);
            const byte_string exact(file.begin(), file.end());
            refused += reads(hostile, exact) ? 0 : 1;
        }
        CHECK(refused > 0);
    }
}
