// The course's table of a network: for every layer its activation's shape and size, its parameters and what it costs,
// for one sample.
//
// Rows are the inputs and the operators in graph order. A parameter is counted where it is read first, so shared
// weights count once; running means and variances are not learned and do not count, nor do given (constant) filters.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::ir {

struct cost_row {
    std::string name;              // "stage1.conv2"
    std::string operation;         // "conv", "input"
    dims shape;                    // of one sample
    std::int64_t activations = 0;  // the volume of shape
    std::int64_t parameters = 0;
    std::int64_t multiply_adds = 0;  // convolution and dense only, bias not counted
    std::int64_t operations = 0;     // every scalar operation
};

struct cost_table {
    std::vector<cost_row> rows;
    cost_row total;  // name "total"; no shape
};

/// Requires a verified graph. Ask before passes run: they fold layers away.
cost_table cost_table_of(const graph& g);

}  // namespace kiln::ir
