// Writes seeds, one file each, of what the other tests build: seeds FOLDER, which has a folder for each target.
#include <fstream>
#include <iterator>

#include <kiln/tests/ir/small_network.hpp>
#include <kiln/tests/onnx/model_writer.hpp>
#include <kiln/tests/ops/cases.hpp>
#include <kiln/tests/runtime/idx_samples.hpp>
#include <kiln/tests/runtime/image_samples.hpp>
#include <kiln/tests/runtime/zip_samples.hpp>

#include <kiln/runtime/safetensors.hpp>

#include "view_bytes.hpp"

using namespace kiln;

namespace {

void write(const std::string& file, byte_view bytes) {
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

void write_view(const std::string& file, const ir::graph& g) {
    const auto bytes = fuzz::bytes_from(testing::flatten(g), g.batch);
    if (bytes.size() <= 3000) write(file, bytes);
}

struct operator_case {
    const char* stem;
    ir::graph (*draw)(testing::dice&, int batch);
};

#define KILN_OPERATOR(stem)              \
    }                                    \
    namespace kiln::testing {            \
    ir::graph random_##stem(dice&, int); \
    }                                    \
    namespace {
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR

constexpr operator_case operators[] = {
#define KILN_OPERATOR(stem) {#stem, testing::random_##stem},
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR
};

void write_views(const std::string& to) {
    write_view(to + "small_network", testing::small_network(2));
    for (const operator_case& o : operators)
        for (std::uint32_t seed = 0; seed < 8; ++seed) {
            testing::dice d{std::mt19937(seed)};
            write_view(to + o.stem + "_" + std::to_string(seed), o.draw(d, 1 + static_cast<int>(seed % 2)));
        }
}

void write_arrays(const std::string& to) {
    using namespace kiln::test;
    const byte_string floats = make_npy_floats("(2, 3)", {1, 2, 3, 4, 5, 6});
    const byte_string bytes =
        make_npy("{'descr': '|b1', 'fortran_order': True, 'shape': (2, 1, 2), }", from_hex("00010203"), 2);
    write(to + "npy/floats", floats);
    write(to + "npy/booleans", bytes);
    write(to + "npy/empty", make_npy("{'descr': '<i8', 'fortran_order': False, 'shape': (0, 7), }", {}, 3));
    write(to + "npy/number", make_npy("{'descr': '<f2', 'fortran_order': False, 'shape': (), }", from_hex("003c")));
    write(to + "npz/stored", make_zip({{"a.npy", floats}, {"b.npy", bytes}}));
    write(to + "npz/deflated", make_zip({{"a.npy", floats, true}, {"b.npy", bytes, true}}));
    write(to + "npz/zip64", make_zip({{"a.npy", floats, true, true, true}}, true));
    const byte_string levels = make_idx(0x08, {2, 2, 3}, "000102030405060708090a0b");
    write(to + "idx/bytes", levels);
    write(to + "idx/gzip", make_gzip(levels, 0));
    write(to + "idx/named", make_gzip(levels, 8));
    write(to + "idx/floats", make_idx(0x0d, {2, 1}, "3f800000c0200000"));
    const std::string file = to + "safetensors/two";
    write_safetensors(file, {{"a", {{2, 3}, {1, 2, 3, 4, 5, 6}}}, {"b.c", {{}, {7}}}});
    const std::string types =
        R"({"__metadata__":{"format":"pt"},"h":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},)"
        R"("i":{"dtype":"I64","shape":[1,1],"data_offsets":[4,12]},"e":{"dtype":"U8","shape":[0],"data_offsets":[12,12]}})";
    byte_string mixed;
    append_little(mixed, std::uint64_t{types.size()});
    const byte_string header = to_bytes(types);
    mixed.insert(mixed.end(), header.begin(), header.end());
    mixed.resize(mixed.size() + 12);
    write(to + "safetensors/types", mixed);
}

void write_images(const std::string& to) {
    using namespace kiln::test;
    std::vector<std::uint8_t> noise;
    for (int i = 0; i < 1024; ++i) noise.push_back(static_cast<std::uint8_t>(i * i >> 3));
    const auto pixels = [&](std::ptrdiff_t count) { return std::vector(noise.begin(), noise.begin() + count); };
    write(to + "png_rgb", make_png({8, 8, 8, 2, pixels(192)}));
    write(to + "png_palette", make_png({8, 8, 4, 3, pixels(32), true, pixels(48), pixels(4)}));
    write(to + "png_alpha", make_png({4, 4, 16, 6, pixels(128)}));
    write(to + "png_bits", make_png({9, 3, 1, 0, pixels(6)}));
    write(to + "jpeg_rgb", make_jpeg({16, 16, 3, pixels(768)}));
    write(to + "jpeg_progressive", make_jpeg({16, 16, 1, pixels(256), true}));
    write(to + "jpeg_cmyk", make_jpeg({16, 16, 4, pixels(1024)}));
}

}  // namespace

int main(int, char** arguments) {
    const std::string to = std::string(arguments[1]) + "/";
    const std::string model = testing::small_model().bytes();
    write(to + "onnx/small_model", bytes_of(model));
    write_views(to + "graph_view/");
    write_arrays(to);
    write_images(to + "image/");
}
