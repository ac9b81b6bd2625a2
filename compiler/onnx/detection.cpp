// Operators that sort and choose: what detectors end with. How many they choose is fixed while compiling.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include <kiln/compiler/onnx/build.hpp>
#include <kiln/compiler/onnx/operators.hpp>

namespace kiln::onnx {
namespace {

constexpr std::int64_t most_ranked = 1 << 16;  // ranks are counted by comparing each with each
constexpr std::int64_t most_rounds = 1 << 10;

}  // namespace

/// The ranks, turned into an order by writing each place to its rank.
results import_top_k(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    if (x.rank() < 1 || x.rank() > ops::most_axes) throw refusal{"it needs one to seven axes"};
    const auto axis = static_cast<std::size_t>(n.axis_of(n.integer("axis", -1), x.rank()));
    const std::int64_t extent = x.shape[axis];
    const std::vector<std::int64_t> said = n.opset() < 10 ? std::vector{n.integer("k", 0)} : n.known_integers(1);
    const std::int64_t k = said.size() == 1 ? said[0] : 0;
    if (k < 1 || k > extent) throw refusal{fmt::format("the {} largest of {} are not possible", k, extent)};
    if (extent > most_ranked)
        throw refusal{fmt::format("it sorts {} numbers; Kiln sorts up to {}", extent, most_ranked)};
    const ir::node_id ranks = b.ranking(n.plain(0), axis, n.integer("largest", 1) == 0);
    // Computed, so that no constant of x's size is kept; what is written over need not be anything particular.
    const ir::node_id places = b.add(b.multiply(ranks, b.whole_number(0)), b.counting(extent, axis, x.shape.size()));
    const ir::node_id order = b.scatter(ranks, axis, scatter_function::replace, ranks, places);
    const ir::node_id first = b.part(order, axis, 0, k);
    return {b.value_of(b.gather_elements(n.plain(0), axis, first)), b.value_of(first)};
}

namespace {

/// Greedy suppression: round by round the best box that is left is chosen, and what overlaps it goes. All batches and
/// classes at once; extents are {batch, classes, boxes}.
class suppression {
public:
    suppression(importer& to, const node_view& n, std::int64_t classes)
        : b(to, n), shape_{n.input(0).shape[0], classes, n.input(0).shape[1]} {
        const bool centred = n.integer("center_point_box", 0) != 0;
        const auto number = [&](std::int64_t i) {  // {batch, 1, boxes}
            return b.reshape(b.part(n.plain(0), 2, i, 1), {shape_[0], 1, shape_[2]});
        };
        // Any two opposite corners, y first; or x and y of the centre, width and height.
        for (const std::int64_t axis : {0, 1}) {
            ir::node_id low = number(centred ? 1 - axis : axis), high = number(centred ? 3 - axis : axis + 2);
            if (centred) {
                const ir::node_id half = b.multiply(high, b.number(0.5F));
                high = b.add(low, half);
                low = b.binary(binary_function::subtract, low, half);
            } else {
                const ir::node_id other = low;
                low = b.binary(binary_function::minimum, other, high);
                high = b.binary(binary_function::maximum, other, high);
            }
            sides_.insert(sides_.end(), {low, high});
        }
        const auto length = [&](std::size_t i) {
            return b.binary(binary_function::subtract, sides_[i + 1], sides_[i]);
        };
        sides_.push_back(b.multiply(length(0), length(2)));  // the area
        // Side by side, to be picked together: {batch, classes, 5, boxes}.
        std::vector<ir::node_id> rows;
        for (const ir::node_id side : sides_) rows.push_back(b.unsqueeze(side, 2));
        table_ = b.stretch(b.concat(std::move(rows), 2), {shape_[0], shape_[1], 5, shape_[2]});
    }

    /// The boxes chosen, best first, as {batch, classes, rounds}; -1 where there are no more. What is not above
    /// `nothing` is no score.
    ir::node_id choose(ir::node_id scores, std::int64_t rounds, float overlap) {
        const ir::node_id count = b.counting(shape_[2], 2, 3);
        std::vector<ir::node_id> chosen;
        for (std::int64_t round = 0; round < rounds; ++round) {
            const ir::node_id best = b.reduce(reduce_function::maximum, scores, 4);
            const ir::node_id here = b.binary(binary_function::equal, scores, best);
            const ir::node_id at =
                b.reduce(reduce_function::minimum, b.select(here, count, b.whole_number(shape_[2] - 1)), 4);
            const ir::node_id any = b.binary(binary_function::greater, best, b.number(nothing));
            chosen.push_back(b.select(any, at, b.whole_number(-1)));
            if (round + 1 == rounds) break;
            const ir::node_id gone = b.binary(binary_function::logical_or, overlaps(at, overlap),
                                              b.binary(binary_function::equal, count, at));
            scores = b.select(gone, b.number(nothing), scores);
        }
        return b.concat(std::move(chosen), 2);
    }

    static constexpr float nothing = std::numeric_limits<float>::lowest();

    expression_builder b;

private:
    /// Whether the intersection of box `at` with each box is more than `share` of their union.
    ir::node_id overlaps(ir::node_id at, float share) {
        const ir::node_id index = b.stretch(b.unsqueeze(at, 2), {shape_[0], shape_[1], 5, 1});
        const ir::node_id picked = b.gather_elements(table_, 3, index);
        const auto own = [&](std::int64_t i) { return b.squeeze(b.part(picked, 2, i, 1), 2); };
        const auto common = [&](std::size_t i) {
            const auto k = static_cast<std::int64_t>(i);
            const ir::node_id end = b.binary(binary_function::minimum, sides_[i + 1], own(k + 1));
            const ir::node_id begin = b.binary(binary_function::maximum, sides_[i], own(k));
            return b.binary(binary_function::maximum, b.binary(binary_function::subtract, end, begin), b.number(0));
        };
        const ir::node_id shared = b.multiply(common(0), common(2));
        const ir::node_id all = b.binary(binary_function::subtract, b.add(sides_[4], own(4)), shared);
        return b.binary(binary_function::greater, shared, b.multiply(all, b.number(share)));
    }

    std::vector<std::int64_t> shape_;
    std::vector<ir::node_id> sides_;  // low and high of y, of x, the area
    ir::node_id table_;
};

}  // namespace

/// As many rows as could be chosen at most: batch, class and box, in ONNX's order; then rows of -1.
results import_non_max_suppression(importer& to, const node_view& n) {
    const value &boxes = n.input(0), &scores = n.input(1);
    if (boxes.rank() != 3 || boxes.shape[2] != 4 || scores.rank() != 3 || scores.shape[0] != boxes.shape[0] ||
        scores.shape[2] != boxes.shape[1])
        throw refusal{
            fmt::format("scores of {} do not fit boxes of {}", shape_text(scores.shape), shape_text(boxes.shape))};
    const std::int64_t batch = scores.shape[0], classes = scores.shape[1], count = scores.shape[2];
    const auto most = n.has_input(2) ? static_cast<double>(n.known_number(2)) : 0.0;
    if (!(most >= 1)) throw refusal{"max_output_boxes_per_class must be at least 1: it would put out nothing"};
    const std::int64_t rounds = most < static_cast<double>(count) ? static_cast<std::int64_t>(most) : count;
    if (rounds > most_rounds)
        throw refusal{
            fmt::format("it may choose {} boxes of a class; Kiln chooses up to {}: lower "
                        "max_output_boxes_per_class",
                        rounds, most_rounds)};
    const std::int64_t rows = batch * classes * rounds;
    if (rows > most_ranked)
        throw refusal{fmt::format("it may choose {} boxes; Kiln chooses up to {}", rows, most_ranked)};
    suppression s(to, n, classes);
    expression_builder& b = s.b;
    ir::node_id left = n.plain(1);
    if (n.has_input(4)) {
        const ir::node_id good = b.binary(binary_function::greater, left, b.number(n.known_number(4)));
        left = b.select(good, left, b.number(suppression::nothing));
    }
    const ir::node_id chosen = s.choose(left, rounds, n.has_input(3) ? n.known_number(3) : 0.0F);
    const ir::node_id none = b.whole_number(-1);
    const ir::node_id some = b.binary(binary_function::greater, chosen, none);
    const auto column = [&](ir::node_id v) {
        return b.reshape(b.stretch(b.select(some, v, none), {batch, classes, rounds}), {rows, 1});
    };
    const ir::node_id all =
        b.concat({column(b.counting(batch, 0, 3)), column(b.counting(classes, 1, 3)), column(chosen)}, 1);
    if (batch * classes == 1) return b.value_of(all);
    // Rows of -1 go to the end: what is somewhere ranks before what is not.
    const ir::node_id ranks = b.ranking(b.cast(b.reshape(some, {rows, 1}), element::int32), 0, false);
    return b.value_of(b.scatter(all, 0, scatter_function::replace, b.stretch(ranks, {rows, 3}), all));
}

}  // namespace kiln::onnx
