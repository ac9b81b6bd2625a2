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
// Names live in kiln::dsl and are made visible in kiln here, so that code which includes the operators' rules alone is
// not flooded with them. docs/dsl.md is the guide.
#pragma once

#include <kiln/dsl/compose.hpp>
#include <kiln/dsl/export.hpp>
#include <kiln/dsl/filters.hpp>
#include <kiln/dsl/literals.hpp>
#include <kiln/dsl/naming.hpp>
#include <kiln/dsl/network.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/dsl/outputs.hpp>

namespace kiln {

using namespace dsl;

}  // namespace kiln
