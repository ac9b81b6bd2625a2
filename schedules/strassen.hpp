// 1x1 convolutions, which are products of matrices, by Strassen's algorithm (1969, doi:10.1007/BF02165411), one level
// of it: seven products of halves instead of eight. Two positions that follow each other in a plane, two halves of the
// channels and two blocks of filters are the rows and columns that it takes apart.
//
//   A: two positions x two halves of the channels;  B: two halves of the channels x two blocks of filters
//   M1 = (A11 + A22)(B11 + B22)   M2 = (A21 + A22) B11   M3 = A11 (B12 - B22)   M4 = A22 (B21 - B11)
//   M5 = (A11 + A12) B22          M6 = (A21 - A11)(B11 + B12)                   M7 = (A12 - A22)(B21 + B22)
//   C11 = M1 + M4 - M5 + M7       C12 = M3 + M5          C21 = M2 + M4          C22 = M1 - M2 + M3 + M6
//
// The loops are Winograd's (winograd.hpp), with pairs of positions in place of tiles and the seven products in place of
// frequencies; the sums of weights are stored:
//
//   for a block of pairs:  transformed[product, pair, channel] = what is on the left above
//     for two blocks of filters:
//       for product:  products[product, pair, filter] = sum over half the channels of  transformed * weight[product]
//       for pair:  output = epilogue(the last line above + bias)
//
// Parameters: {lanes, block, pairs, registers, tasks, by_filters}: vector width; filters a register block; pairs of
// positions a block; pairs a register block; how many tasks threads share; whether they share blocks of filters (1) or
// blocks of pairs (0).
#pragma once

#include <array>

#include <kiln/schedules/family.hpp>

namespace kiln::schedules {

inline constexpr std::int32_t strassen_products = 7;

/// The right factors of the seven products, from one weight of each quarter: B11, B12, B21, B22.
std::array<float, strassen_products> strassen_weights(float b11, float b12, float b21, float b22);

struct strassen_parameters {
    std::int32_t lanes = 4, block = 4, pairs = 1, registers = 1, tasks = 1, by_filters = 0;
};

/// What follows from a kernel and its parameters.
struct strassen_shape {
    std::int32_t positions;                     // of a plane
    std::int32_t all_pairs, blocks;             // of a plane
    std::int32_t channel_lanes, channel_parts;  // half the channels = lanes * parts

    /// Whether the last block has positions that do not exist.
    bool reaches_beyond(const strassen_parameters& p) const { return blocks * p.pairs * 2 > positions; }
};

strassen_parameters strassen_parameters_of(const schedule& how);
strassen_shape strassen_shape_of(const kernel& k, const strassen_parameters& p);

/// Whether the convolution is one the family computes: 1x1 with filters that are float32 weights, of which and of whose
/// channels halves fill vectors.
bool strassen_takes(const kernel& k, const machine& m);

schedule schedule_of(const strassen_parameters& p);
void for_each_strassen(const kernel& k, const machine& m, const std::function<void(const strassen_parameters&)>& f);

/// An estimate of the cycles that so many threads take.
double strassen_cycles(const kernel& k, const machine& m, const strassen_parameters& p, std::int32_t threads);
/// As for Winograd's family: the mean of one thread's cycles and of what two threads take together.
strassen_parameters strassen_defaults(const kernel& k, const machine& m);
double strassen_cost(const kernel& k, const machine& m, const strassen_parameters& p);

scratch strassen_scratch(const kernel& k, const strassen_parameters& p);
void schedule_strassen(const kernel& k, const strassen_parameters& p, stages& s);

}  // namespace kiln::schedules
