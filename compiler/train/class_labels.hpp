// Which inputs hold numbers of classes, so that a label which is the number of no class can be refused: it would choose
// nothing, and training would go on without a word.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::train {

struct class_label {
    int input = 0;  // counts the graph's inputs
    std::string name;
    int classes = 0;
};

/// The inputs that cross_entropy compares with 0, 1, ... classes - 1.
std::vector<class_label> class_labels(const ir::graph& g);

/// Throws kiln::error that names input, sample, label and classes.
void expect_classes(std::span<const class_label> labels, std::span<const tensor> inputs);

}  // namespace kiln::train
