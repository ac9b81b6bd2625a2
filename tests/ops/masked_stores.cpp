// The last filters of a convolution, where they do not fill a vector.
#include <doctest/doctest.h>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/emit/emit.hpp>

#include "cases.hpp"

namespace kiln::testing {

// A processor that has AVX2 and nothing newer may run a masked store as microcode.
TEST_CASE("filters that do not fill a vector of AVX2 are stored without a mask") {
    for (const int filters : {3, 6, 12, 20, 125}) {
        graph_builder b("odd", 1);
        const auto x = b.input(dims::of(4, 6, 5));
        ir::graph g = b.finish(b.conv(x, {.filters = filters, .slide = {}}, true));
        bind_random(g, 1);
        compiler::compile_options options;
        options.target = "x86-64-linux-avx-avx2-f16c-fma-sse41";
        const compiler::compiled_graph c = compiler::compile_graph(g, options);
        const std::string text = compiler::emit_llvm_assembly(c.plan, c.kernels,
                                                              {.target = options.target,
                                                               .function_name = "odd",
                                                               .weights = compiler::weights_as::outside,
                                                               .use_cache = false});
        INFO(filters, " filters");
        CHECK(text.find("call void @llvm.masked.store") == std::string::npos);
    }
}

}  // namespace kiln::testing
