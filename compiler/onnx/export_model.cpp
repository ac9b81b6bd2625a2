#include <kiln/compiler/onnx/export_model.hpp>

#include <kiln/compiler/onnx/exports.hpp>
#include <kiln/compiler/onnx/importer.hpp>

namespace kiln::onnx {
namespace {

void export_node(exporter& to, const ir::node& n) {
    switch (n.kind) {
#define KILN_OPERATOR(stem) \
    case op::stem:          \
        return export_##stem(to, n);
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR
        default: return;  // leaves are there already
    }
}

}  // namespace

void export_model(const ir::graph& g, const std::function<void(byte_view)>& write) {
    exporter to(g);
    for (ir::node_id id = 0; id < g.size(); ++id) {
        to.begin(id);
        export_node(to, g[id]);
    }
    write_model(to.finish(), write);
}

tensor as_exported(const tensor& value, const ir::node& port) {
    return ir::has_batch(port) ? transposed(value, channels_first_order(port)) : value;
}

}  // namespace kiln::onnx
