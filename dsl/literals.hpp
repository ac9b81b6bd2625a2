// The literals of a DSL program, in kiln::literals: 5_c is Hana's constant 5, with its arithmetic and comparisons, so
// that blocks are ordinary lambdas (width * 4_c); "tower"_n is a name.
#pragma once

#include <kiln/dsl/name.hpp>

#include <boost/hana/comparing.hpp>
#include <boost/hana/div.hpp>
#include <boost/hana/equal.hpp>
#include <boost/hana/ext/std/integral_constant.hpp>
#include <boost/hana/greater.hpp>
#include <boost/hana/greater_equal.hpp>
#include <boost/hana/integral_constant.hpp>
#include <boost/hana/less.hpp>
#include <boost/hana/less_equal.hpp>
#include <boost/hana/minus.hpp>
#include <boost/hana/mod.hpp>
#include <boost/hana/mult.hpp>
#include <boost/hana/negate.hpp>
#include <boost/hana/not_equal.hpp>
#include <boost/hana/plus.hpp>

namespace kiln::literals {

using boost::hana::literals::operator""_c;

}  // namespace kiln::literals
