// Prefetches the weights of a convolution that transforms its filters (schedules/winograd.hpp) or widens them
// (schedules/widen.hpp) chunk by chunk: while a chunk is transformed and multiplied, the weights of the next one, which
// lie behind its own, come from memory.
//
//   for (chunk, 0, 32)                                                                    288 lines of weights each
//     for row, 6 times:                                                                   48 lines each
//       for (step, 0, 32)
//         prefetch(weights, chunk * 288 + 288 + row * 48 + step / 2)                      16 lines
//         filters = ... weights ...
//       for (block, 0, 8)
//         for (step, 0, 16)
//           prefetch(weights, chunk * 288 + 288 + row * 48 + 16 + block * 4 + step / 4)   32 lines
//           sum += filters * transformed
//
// Lines that are asked for in a burst come slower than they would one by one (prefetch_lines.hpp). Halide's own
// prefetches are of what a loop reads itself.
#pragma once

#include <Halide.h>

#include <string>
#include <utility>
#include <vector>

#include <kiln/schedules/stages.hpp>

namespace kiln::compiler {

/// A lowering pass, for Func::add_custom_lowering_pass.
class prefetch_chunks : public Halide::Internal::IRMutator {
public:
    /// Numbers of a chunk of `weights`, an input's name, lie side by side.
    prefetch_chunks(schedules::weights_in_chunks of, std::string weights, int bytes_of_a_number)
        : of_(std::move(of)), weights_(std::move(weights)), bytes_of_a_number_(bytes_of_a_number) {}

protected:
    using Halide::Internal::IRMutator::visit;
    Halide::Internal::Stmt visit(const Halide::Internal::For* loop) override;
    Halide::Internal::Stmt visit(const Halide::Internal::Store* store) override;

private:
    /// The prefetches of one step of the nest of loops that is visited.
    Halide::Internal::Stmt prefetches() const;

    schedules::weights_in_chunks of_;  // the loop by the end of its name
    std::string weights_;
    int bytes_of_a_number_;
    Halide::Expr next_;       // index of the next chunk's first number, in the loop over chunks
    int rows_ = 0, row_ = 0;  // how many nests sum, and how many of them are behind
    std::vector<const Halide::Internal::For*> around_;  // inside the loop over chunks
    bool wanted_ = false;                               // prefetches, in a nest that transforms or sums
};

}  // namespace kiln::compiler
