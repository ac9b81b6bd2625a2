// Winograd's minimal filtering F(m x m, r x r): m x m outputs of an r x r filter from one product for each of (m + r -
// 1)^2 frequencies, instead of r^2 m^2 products.
//
//   output = A^T [ (G filter G^T) * (B^T input B) ] A      * element by element
//
// Lavin and Gray 2015, arXiv:1509.09308, equation 8. The matrices follow from interpolation points (Blahut 2010, "Fast
// algorithms for signal processing", section 5.4), of which the first so many are taken: 0, 1, -1, 2, -2, 1/2, -1/2,
// and infinity. Points come in pairs p, -p, whose rows of B^T and columns of A^T differ in the signs of every other
// term: that halves the additions.
//
// A convolution with a stride of 2 is the sum of one of the even inputs with the even taps and one of the odd inputs
// with the odd taps, of stride 1 both: F(m, 2) and F(m, 1) for 3 taps. Frequencies along an axis are first those of the
// even phase, then those of the odd one; along both axes, every product of two phases has its own.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include <kiln/schedules/kernel.hpp>

namespace kiln::schedules {

struct winograd_transform {
    winograd_tile tile;
    std::vector<double> input;   // B^T: reach x reach
    std::vector<double> filter;  // G: reach x taps
    std::vector<double> output;  // A^T: outputs x reach
};

/// Those that there are for so many taps and that stride, on both axes; none for others.
std::vector<winograd_tile> winograd_tiles(std::int32_t taps, std::int32_t stride);

/// Throws std::logic_error for a tile that is none of winograd_tiles.
const winograd_transform& winograd_for(const winograd_tile& tile);

/// The same with a factor of each row moved from G to B^T, so that G's first terms are 1: transforming filters then
/// takes few multiplications and few registers.
winograd_transform with_simple_filters(const winograd_tile& tile);

/// coefficients (rows x terms.size()) times `terms`. Where neighbouring rows (or columns, where there are more of them)
/// differ in signs only, what they share is added once. `Term` has +, -, unary - and multiplication by float.
template <class Term>
std::vector<Term> combine(const std::vector<double>& coefficients, const std::vector<Term>& terms);

/// The filter {taps, taps} at `at` in the domain of frequencies: reach x reach values, rows along y.
void transform_filter(const winograd_transform& t, const float* at, float* to);

namespace detail {

template <class Term>
void add_to(std::vector<Term>& sum, double factor, const Term& term) {
    if (factor == 0) return;
    const Term part = factor == 1 || factor == -1 ? term : term * static_cast<float>(factor < 0 ? -factor : factor);
    if (sum.empty())
        sum.push_back(factor < 0 ? -part : part);
    else
        sum[0] = factor < 0 ? sum[0] - part : sum[0] + part;
}

}  // namespace detail

template <class Term>
std::vector<Term> combine(const std::vector<double>& coefficients, const std::vector<Term>& terms) {
    const std::size_t columns = terms.size(), rows = coefficients.size() / columns;
    const auto at = [&](std::size_t row, std::size_t column) { return coefficients[row * columns + column]; };
    const auto mirrors = [](std::size_t count, const auto& one, const auto& other) {
        for (std::size_t i = 0; i < count; ++i)
            if (std::abs(one(i)) != std::abs(other(i))) return false;
        return true;
    };
    std::vector<Term> result;
    if (rows >= columns) {  // an even and an odd part, their sum and their difference
        for (std::size_t row = 0; row < rows; ++row) {
            std::vector<Term> even, odd;
            const bool pairs = row + 1 < rows && mirrors(
                                                     columns, [&](std::size_t c) { return at(row, c); },
                                                     [&](std::size_t c) { return at(row + 1, c); });
            for (std::size_t c = 0; c < columns; ++c)
                detail::add_to(pairs && at(row, c) != at(row + 1, c) ? odd : even, at(row, c), terms[c]);
            if (odd.empty()) {  // no pair, or two equal rows
                result.push_back(even[0]);
                continue;
            }
            result.push_back(even[0] + odd[0]);
            result.push_back(even[0] - odd[0]);
            ++row;
        }
        return result;
    }
    std::vector<bool> pairs(columns, false);  // a column and the next
    for (std::size_t c = 0; c + 1 < columns; ++c)
        pairs[c] = !(c > 0 && pairs[c - 1]) && mirrors(
                                                   rows, [&](std::size_t row) { return at(row, c); },
                                                   [&](std::size_t row) { return at(row, c + 1); });
    for (std::size_t row = 0; row < rows; ++row) {  // sums and differences of pairs of terms
        std::vector<Term> sum;
        for (std::size_t c = 0; c < columns; ++c) {
            if (!pairs[c]) {
                detail::add_to(sum, at(row, c), terms[c]);
                continue;
            }
            if (at(row, c) != 0)
                detail::add_to(sum, at(row, c),
                               at(row, c) == at(row, c + 1) ? terms[c] + terms[c + 1] : terms[c] - terms[c + 1]);
            ++c;
        }
        result.push_back(sum[0]);
    }
    return result;
}

}  // namespace kiln::schedules
