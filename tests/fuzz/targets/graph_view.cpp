// The plug-in boundary: a view whose arrays are as long as it says, and whose contents are the fuzzer's. What comes
// through is printed, costed and taken through the passes.
//
// The bytes: a header, then nodes, edges, outputs, values and the text, each as far as the bytes go.
#include <kiln/compiler/ir/from_view.hpp>

#include <cstring>
#include <vector>

#include <kiln/compiler/ir/cost_table.hpp>
#include <kiln/compiler/ir/print.hpp>
#include <kiln/compiler/passes/pipeline.hpp>
#include <kiln/tests/ir/flat_view.hpp>

#include "refused.hpp"
#include "view_bytes.hpp"

using namespace kiln;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::read_or_refuse(data, size, [](byte_view bytes) {
        int batch = 1;
        const testing::flat_view flat = fuzz::view_from(bytes, batch);
        const ir::graph g = ir::from_view(flat.view(), batch);
        if (ir::print(g).empty() || ir::print_dot(g).empty() || ir::cost_table_of(g).rows.empty()) std::abort();
        passes::run_pipeline(g);
    });
    return 0;
}
