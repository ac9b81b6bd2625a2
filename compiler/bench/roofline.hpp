// A roofline: how fast each layer runs against how much it computes for each byte it moves, below the two limits of a
// machine (Williams, Waterman and Patterson 2009, "Roofline: an insightful visual performance model for multicore
// architectures", doi 10.1145/1498765.1498785).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kiln/compiler/plan/plan.hpp>

namespace kiln::bench {

struct roofline_layer {
    std::string name;
    double milliseconds = 0;
    std::int64_t multiply_adds = 0;  // of the layer's definition, whatever computes it
    std::int64_t bytes = 0;          // see bytes_moved

    double gflops() const { return 2e-6 * static_cast<double>(multiply_adds) / milliseconds; }
    /// Operations a byte.
    double intensity() const { return 2 * static_cast<double>(multiply_adds) / static_cast<double>(bytes); }
};

struct roofline {
    std::string title;                // "resnet50 on AMD EPYC, 1 thread"
    double peak_gflops = 0;           // of multiply-adds
    double gigabytes_per_second = 0;  // from memory
    std::vector<roofline_layer> layers;
};

/// What a step must move at least: every operand and the output once, weights as they are stored. Halos are not
/// counted.
std::int64_t bytes_moved(const plan::plan& p, const plan::step& s);

/// An SVG picture, both axes logarithmic. A circle for each layer that multiplies, its area the layer's share of the
/// time; its name is the circle's tooltip, and is written beside the ones that take longest. Layers above the roof need
/// fewer multiplications than their definition has (Winograd) or find their operands in a cache.
std::string svg_of(const roofline& r);

}  // namespace kiln::bench
