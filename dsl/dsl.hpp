// Kiln's language for networks: all that a network's source includes.
//
//   #include <kiln/dsl/dsl.hpp>
//   using namespace kiln;
//   using namespace kiln::literals;
//
//   inline constexpr auto lenet5 = [](auto image) {
//       return image | conv(6_c, 5_c, same) | relu | max_pool(2_c)
//                    | conv(16_c, 5_c)      | relu | max_pool(2_c)
//                    | dense(120_c) | relu | dense(84_c) | relu | dense(10_c) | softmax;
//   };
//   static_assert(network<lenet5, shape<28, 28, 1>>::parameters == 61'706);
//   KILN_EXPORT(lenet5, shape<28, 28, 1>);
//
// Names live in kiln::dsl. Those of the language are made visible in kiln here, one by one: a network's own blocks may
// be called layer, plan or padding. docs/dsl.md is the guide.
#pragma once

#include <kiln/dsl/compose.hpp>
#include <kiln/dsl/export.hpp>
#include <kiln/dsl/filters.hpp>
#include <kiln/dsl/literals.hpp>
#include <kiln/dsl/naming.hpp>
#include <kiln/dsl/network.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/dsl/outputs.hpp>
#include <kiln/dsl/words/arg_max.hpp>
#include <kiln/dsl/words/blocks.hpp>
#include <kiln/dsl/words/conv_transpose.hpp>
#include <kiln/dsl/words/cross_entropy.hpp>
#include <kiln/dsl/words/detection_costs.hpp>
#include <kiln/dsl/words/gram_matrix.hpp>
#include <kiln/dsl/words/normalize.hpp>
#include <kiln/dsl/words/pad.hpp>
#include <kiln/dsl/words/pick.hpp>
#include <kiln/dsl/words/resize.hpp>
#include <kiln/dsl/words/similarity_costs.hpp>
#include <kiln/dsl/words/squared_error.hpp>
#include <kiln/dsl/words/style_costs.hpp>

namespace kiln {

using dsl::average_pool;
using dsl::conv;
using dsl::conv_bn;
using dsl::conv_transpose;
using dsl::dense;
using dsl::depthwise_conv;
using dsl::global_average_pool;
using dsl::global_max_pool;
using dsl::max_pool;

using dsl::batch_norm;
using dsl::group_norm;
using dsl::instance_norm;
using dsl::l2_normalize;
using dsl::layer_norm;
using dsl::learned_scale;
using dsl::learned_shift;
using dsl::local_response_norm;

using dsl::clip;
using dsl::dropout;
using dsl::elu;
using dsl::gelu;
using dsl::hard_sigmoid;
using dsl::hard_swish;
using dsl::leaky_relu;
using dsl::prelu;
using dsl::relu;
using dsl::relu6;
using dsl::selu;
using dsl::sigmoid;
using dsl::silu;
using dsl::softmax;
using dsl::tanh;

using dsl::abs;
using dsl::acos;
using dsl::acosh;
using dsl::asin;
using dsl::asinh;
using dsl::atan;
using dsl::atanh;
using dsl::ceil;
using dsl::cos;
using dsl::cosh;
using dsl::erf;
using dsl::exp;
using dsl::floor;
using dsl::log;
using dsl::reciprocal;
using dsl::round;
using dsl::sign;
using dsl::sin;
using dsl::sinh;
using dsl::softplus;
using dsl::softsign;
using dsl::sqrt;
using dsl::tan;

using dsl::add;
using dsl::arg_max;
using dsl::gram_matrix;
using dsl::matmul;
using dsl::maximum;
using dsl::minimum;
using dsl::multiply;
using dsl::pow;
using dsl::where;

using dsl::max_over;
using dsl::mean_over;
using dsl::min_over;
using dsl::norm_over;
using dsl::product_over;
using dsl::spatial;
using dsl::sum_over;

using dsl::broadcast_to;
using dsl::concat;
using dsl::concat_along;
using dsl::crop;
using dsl::flatten;
using dsl::pad_edge;
using dsl::pad_reflect;
using dsl::pick;
using dsl::reshape;
using dsl::slice;
using dsl::transpose;

using dsl::channel_shuffle;
using dsl::depth_to_space;
using dsl::resize;
using dsl::resize_linear;
using dsl::space_to_depth;
using dsl::upsample;

using dsl::absolute_difference;
using dsl::binary_cross_entropy;
using dsl::chi_square;
using dsl::content_cost;
using dsl::cross_entropy;
using dsl::l2;
using dsl::landmark_loss;
using dsl::localization_loss;
using dsl::squared_error;
using dsl::style_cost;
using dsl::total_variation;
using dsl::triplet_loss;
using dsl::yolo_loss;

using dsl::counting_padding;
using dsl::dilation;
using dsl::flipped;
using dsl::groups;
using dsl::multiplier;
using dsl::no_bias;
using dsl::output_padding;
using dsl::pad;
using dsl::pad_after;
using dsl::pad_before;
using dsl::same;
using dsl::stride;
using dsl::valid;
using dsl::window;

using dsl::bank;
using dsl::bias;
using dsl::filter;
using dsl::horizontal_edges;
using dsl::scharr_horizontal;
using dsl::scharr_vertical;
using dsl::sobel_horizontal;
using dsl::sobel_vertical;
using dsl::vertical_edges;

using dsl::named;
using dsl::network;
using dsl::outputs;
using dsl::repeat;
using dsl::seq;
using dsl::shape;
using dsl::shared;

}  // namespace kiln
