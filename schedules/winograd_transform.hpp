// Winograd's minimal filtering F(m x m, 3 x 3): m x m outputs of a 3x3 filter from one product for each of (m + 2)^2
// frequencies, instead of 9 m^2 products.
//
//   output = A^T [ (G filter G^T) * (B^T input B) ] A      * element by element
//
// Lavin and Gray 2015, arXiv:1509.09308, equation 8. The interpolation points are 0, +-1 (m = 2), +-2 (m = 4) and
// +-1/2 (m = 6): rows of B^T and columns of A^T come in pairs that differ in the signs of every other term, which
// halves the additions.
#pragma once

#include <cstdint>
#include <vector>

namespace kiln::schedules {

struct winograd_transform {
    std::int32_t tile = 0;           // m: outputs along an axis
    std::int32_t reach = 0;          // m + 2: inputs along an axis, and frequencies
    const double* input = nullptr;   // B^T: reach x reach
    const double* filter = nullptr;  // G: reach x 3
    const double* output = nullptr;  // A^T: tile x reach
};

/// For a tile of 2, 4 or 6; throws std::logic_error for others.
const winograd_transform& winograd_for(std::int32_t tile);

/// coefficients (rows x terms.size()) times `terms`, for matrices whose columns or rows 2k + 1 and 2k + 2 mirror each
/// other. `Term` has +, -, unary - and multiplication by float.
template <class Term>
std::vector<Term> combine(const double* coefficients, std::int32_t rows, const std::vector<Term>& terms);

/// The filter {3, 3} at `at` in the domain of frequencies: reach x reach values, rows along y.
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
std::vector<Term> combine(const double* coefficients, std::int32_t rows, const std::vector<Term>& terms) {
    const auto columns = static_cast<std::int32_t>(terms.size());
    const auto at = [&](std::int32_t row, std::int32_t column) { return coefficients[row * columns + column]; };
    std::vector<Term> result;
    if (rows >= columns) {  // rows mirror each other: an even and an odd part, their sum and their difference
        for (std::int32_t row = 0; row < rows; ++row) {
            std::vector<Term> even, odd;
            const bool pairs = row % 2 == 1 && row + 1 < rows;
            for (std::int32_t c = 0; c < columns; ++c)
                detail::add_to(pairs && at(row, c) != at(row + 1, c) ? odd : even, at(row, c),
                               terms[static_cast<std::size_t>(c)]);
            if (!pairs) {
                result.push_back(even[0]);
                continue;
            }
            result.push_back(even[0] + odd[0]);
            result.push_back(even[0] - odd[0]);
            ++row;
        }
        return result;
    }
    for (std::int32_t row = 0; row < rows; ++row) {  // columns do: sums and differences of pairs of terms
        std::vector<Term> sum;
        detail::add_to(sum, at(row, 0), terms[0]);
        for (std::int32_t c = 1; c + 1 < columns; c += 2) {
            const Term &left = terms[static_cast<std::size_t>(c)], &right = terms[static_cast<std::size_t>(c) + 1];
            detail::add_to(sum, at(row, c), at(row, c) == at(row, c + 1) ? left + right : left - right);
        }
        detail::add_to(sum, at(row, columns - 1), terms.back());
        result.push_back(sum[0]);
    }
    return result;
}

}  // namespace kiln::schedules
