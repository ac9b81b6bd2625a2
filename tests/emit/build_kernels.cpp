#include <doctest/doctest.h>
#include <kiln/compiler/build/build_kernels.hpp>

#include <kiln/compiler/build/kernel_cache.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/schedules/family.hpp>
#include <kiln/schedules/machine.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>

using namespace kiln;
using namespace kiln::compiler;

namespace {

const std::string target = "x86-64-linux-avx-avx2-f16c-fma-sse41";

schedules::kernel relu_of(int channels) {
    schedules::kernel k;
    k.what = schedules::anchor::copy;
    k.epilogue = {{op::relu, {}, {-1}}};
    k.anchor_operands = 1;
    k.output.extent = {channels, 8, 1, 1, 1};
    k.output.stride = {1, channels, 8 * channels, 8 * channels, 8 * channels};
    k.inputs.resize(1);
    k.inputs[0].where = k.output;
    schedules::choose(k, schedules::machine_of(target), schedules::precision::strict);
    return k;
}

build_options in(const testing::scratch_folder& folder) {
    return {.target = target, .jobs = 2, .cache_folder = folder.path().string(), .use_cache = true, .progress = {}};
}

}  // namespace

TEST_CASE("kernels are built once, then come from the cache, byte for byte the same as a cold build") {
    const testing::scratch_folder first, second;
    const std::vector<schedules::kernel> kernels{relu_of(16), relu_of(32), relu_of(16)};
    int reported = 0;
    build_options options = in(first);
    options.progress = [&](int done, int total, const std::string& what) {
        CHECK(done == ++reported);
        CHECK(total == 2);
        CHECK(what.find("relu") != std::string::npos);
    };
    const auto cold = build_kernels(kernels, options);
    REQUIRE(cold.size() == 3);
    CHECK(reported == 2);
    CHECK(cold[0].symbol == cold[2].symbol);
    CHECK(cold[0].symbol != cold[1].symbol);
    CHECK(cold[0].symbol.size() == std::string("kiln_kernel_").size() + 32);
    options.progress = {};
    const auto warm = build_kernels(kernels, options);
    const auto cold_again = build_kernels(kernels, in(second));
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(!cold[i].from_cache);
        CHECK(warm[i].from_cache);
        CHECK(!cold_again[i].from_cache);
        CHECK(warm[i].bitcode == cold[i].bitcode);
        CHECK(cold_again[i].bitcode == cold[i].bitcode);
    }
}

TEST_CASE("a damaged cache entry is rebuilt") {
    const testing::scratch_folder folder;
    const std::vector<schedules::kernel> kernels{relu_of(16)};
    const auto cold = build_kernels(kernels, in(folder));
    for (const auto& file : std::filesystem::directory_iterator(folder.path()))
        testing::write_text(file.path(), testing::read_text(file.path()).substr(0, 500));
    const auto rebuilt = build_kernels(kernels, in(folder));
    CHECK(!rebuilt[0].from_cache);
    CHECK(rebuilt[0].bitcode == cold[0].bitcode);
    CHECK(build_kernels(kernels, in(folder))[0].from_cache);
}

TEST_CASE("without the cache nothing is read or written") {
    const testing::scratch_folder folder;
    build_options options = in(folder);
    options.use_cache = false;
    CHECK(!build_kernels(std::vector{relu_of(16)}, options)[0].from_cache);
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a kernel that cannot be lowered is an error that names it") {
    const testing::scratch_folder folder;
    build_options options = in(folder);
    options.target = "x86-64-linux-nonsense";
    CHECK_THROWS_WITH_AS(build_kernels(std::vector{relu_of(16)}, options),
                         doctest::Contains("kernel copy + relu, 8 could not be compiled"), error);
}
