// A kernel under definition: its Halide parameters and the expressions anchors are defined with.
#pragma once

#include <Halide.h>

#include <functional>
#include <vector>

#include <kiln/schedules/kernel.hpp>
#include <kiln/schedules/stages.hpp>

namespace kiln::compiler {

struct definition {
    const schedules::kernel& kernel;
    schedules::stages stages;
    std::vector<Halide::ImageParam> inputs;  // one per kernel input, in order
    Halide::Expr joined{};                   // the position in a plane whose rows are joined, otherwise undefined

    const schedules::view& view_of(int input) const { return kernel.inputs[static_cast<std::size_t>(input)].where; }
    /// The element of an input at `index`, one expression for each axis in use, as a value of its type: truth values
    /// are Booleans, whatever they are in memory.
    Halide::Expr load(int input, std::vector<Halide::Expr> index) const;
    /// A number of a convolution's filters as float32, however they are stored. Narrow ones come from `stages.widened`,
    /// which is their place to be scheduled.
    Halide::Expr filter(const std::vector<Halide::Expr>& index);
    /// An index of an input's x, y or z (1 to 3), up to `furthest`, as one that is not behind its halo.
    Halide::Expr up_to_halo(int input, const Halide::Expr& index, std::size_t axis, std::int32_t furthest) const;
    /// The largest of the values that the anchor has in the output's pooling window (kernel::pool), given the one at a
    /// position; without pooling, the one at the output's own.
    Halide::Expr largest_of_window(
        const std::function<Halide::Expr(const Halide::Expr& x, const Halide::Expr& y)>& value) const;
    /// The axes in use, as indices.
    std::vector<Halide::Expr> position() const;
    /// The same as indices of `v`, which has the output's extents: where rows are joined, what stands for x and y.
    std::vector<Halide::Expr> position_in(const schedules::view& v) const;
    /// Whether the kernel has loops for an axis; if not, its extent is 1 everywhere.
    bool has_axis(std::size_t axis) const { return axis < position().size(); }
    /// Which sample of an input belongs to sample `n`: operands without a batch serve every one.
    Halide::Expr sample_of(int input, const Halide::Expr& n) const;
};

/// A computed index as one that lies inside an axis of `extent`: negative ones count from the end.
Halide::Expr inside(const Halide::Expr& index, std::int32_t extent);

/// An anchor's value at the axes in use, before the epilogue. May define `d.stages.sum` and its reduction.
Halide::Expr define_conv(definition& d);
/// Rows of a convolution that are joined: its position becomes one of a reduction over the plane.
void join_rows(definition& d);
/// The same for the pairs of positions of Strassen's family.
void join_pairs(definition& d);
Halide::Expr define_winograd(definition& d);
Halide::Expr define_winograd_rows(definition& d);
Halide::Expr define_strassen(definition& d);
Halide::Expr define_winograd_filters(definition& d);
Halide::Expr define_max_pool(definition& d);
Halide::Expr define_max_pool_place(definition& d);
Halide::Expr define_max_unpool(definition& d);
Halide::Expr define_average_pool(definition& d);
Halide::Expr define_softmax(definition& d);
Halide::Expr define_upsample(definition& d);
Halide::Expr define_local_response_norm(definition& d);
Halide::Expr define_reduce(definition& d);
Halide::Expr define_gather(definition& d);
Halide::Expr define_gather_elements(definition& d);
Halide::Expr define_matmul(definition& d);
Halide::Expr define_ranking(definition& d);
Halide::Expr define_filter_gradient(definition& d);
Halide::Expr define_scatter_elements(definition& d);

/// What changes `d.stages.result` once it is defined.
void update_scatter_elements(definition& d);
void update_filter_gradient(definition& d);

}  // namespace kiln::compiler
