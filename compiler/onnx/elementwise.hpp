// What activations and arithmetic share: functions of each element, and constants with one value for each channel.
#pragma once

#include <optional>
#include <vector>

#include <kiln/compiler/onnx/importer.hpp>

namespace kiln::onnx {

/// A function of each element, in the form the value has: also of a row flattened in ONNX's order, which stays one.
template <class Attributes>
value map(importer& to, const node_view& n, op kind, const Attributes& a) {
    const value& x = n.input(0);
    if (x.node < 0) return to.apply(kind, a, {n.plain(0)}, n);
    value y = to.apply(kind, a, {x.node}, n);
    if (x.flattened >= 0) y.flattened = to.apply(kind, a, {x.flattened}, n).node;
    return y;
}

/// One value for each channel of `x` where the constant, broadcast as ONNX does, has the same one for all positions.
std::optional<std::vector<float>> per_channel(importer& to, const tensor& c, const value& x, std::size_t channels);

}  // namespace kiln::onnx
