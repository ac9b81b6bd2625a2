// How a cost changes with what a window slid over: the gradient of a convolution's input.
//
// Convolution adds x[o * stride + k * dilation - pad] * w[k] to y[o]; so x[i] gets dy[o] * w[k] from every pair of o
// and k that met there (Dumoulin and Visin 2016, arXiv:1603.07285, chapter 4). Without strides this is a convolution of
// dy with the filter turned and its axes of channels and filters swapped. With a stride, inputs whose places leave the
// same rest divided by it meet the same part of the filter: each rest, called phase, is a convolution of dy of its own,
// and the phases lie interleaved in dx. No product with a zero between strided values is ever made.
#pragma once

#include <kiln/compiler/ir/builder.hpp>
#include <kiln/dsl/ops/conv.hpp>

namespace kiln::compiler {

/// The gradient of x, one sample of which has dims `x`, from `dy`, that of y = conv {a} x, filter.
ir::node_id data_gradient(ir::builder& b, ir::node_id dy, ir::node_id filter, const ops::conv::attributes& a,
                          const dims& x);

}  // namespace kiln::compiler
