#include <kiln/schedules/kernel.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/dsl/ops/pool.hpp>

namespace kiln::schedules {
namespace {

std::string text_of(const view& v) {
    const auto used = static_cast<std::ptrdiff_t>(v.is_wide() ? axes : 5);
    return fmt::format("[{}|{}|{}|{}]{}", fmt::join(v.extent.begin(), v.extent.begin() + used, ","),
                       fmt::join(v.stride.begin(), v.stride.begin() + used, ","), fmt::join(v.halo_before, ","),
                       fmt::join(v.halo_after, ","),
                       v.type == element::float32 ? "" : fmt::format(" {}", name_of(v.type)));
}

const char* stored_text(storage s) {
    return s == storage::float32 ? "" : s == storage::bfloat16 ? " bfloat16" : " int8";
}

std::string name_of_anchor(const kernel& k) {
    switch (k.what) {
        case anchor::copy: return "copy";
        case anchor::filter_transform: return "filter_transform";
        case anchor::operation: break;
    }
    return std::string(name_of(k.kind));
}

enum class parts { all, problem };

std::string text_of(const operand& o, parts wanted) {
    if (!o.is_weight) return text_of(o.where);
    std::string extents;
    for (int axis = 0; axis < o.shape.rank; ++axis) extents += fmt::format("{}{}", axis ? "," : "", o.shape[axis]);
    if (wanted == parts::all)
        extents += fmt::format("|{}/{}/{}", static_cast<int>(o.packed.layout), o.packed.block, o.packed.tile.outputs);
    return fmt::format("w[{}]{}{}", extents, stored_text(o.packed.stored), text_of(o.where));
}

std::string text_of(const kernel& k, parts wanted) {
    std::string s = fmt::format("{}({})", name_of_anchor(k), fmt::join(k.attributes, ","));
    for (const operand& o : k.inputs) s += " " + text_of(o, wanted);
    s += " -> " + text_of(k.output);
    if (k.pool > 1) s += fmt::format(" pool {}", k.pool);
    for (const epilogue_step& e : k.epilogue)
        s += fmt::format(" {}({};{})", name_of(e.kind), fmt::join(e.attributes, ","), fmt::join(e.operands, ","));
    if (wanted == parts::all)
        s += fmt::format(" by {}({})", static_cast<int>(k.how.which), fmt::join(k.how.parameters, ","));
    return s + fmt::format(" first {}", k.anchor_operands);
}

std::string window_text(const triple& t, int rank) {
    std::string s;
    for (int axis = rank - 1; axis >= 0; --axis) s += fmt::format("{}{}", t[axis], axis ? "x" : "");
    return s;
}

int spatial_rank_of(const view& v) { return v.extent[3] > 1 ? 3 : v.extent[2] > 1 ? 2 : 1; }

}  // namespace

std::int64_t elements_of(const view& v) {
    std::int64_t elements = 1;
    for (std::size_t axis = 0; axis < axes; ++axis)
        if (v.stride[axis] != 0) elements *= v.extent[axis];
    return elements;
}

std::array<std::int32_t, axes> anchor_extent(const kernel& k) {
    std::array<std::int32_t, axes> extent = k.output.extent;
    for (const std::size_t axis : {1U, 2U}) extent[axis] *= k.pool;
    return extent;
}

bool is_wide(const kernel& k) {
    if (k.output.is_wide()) return true;
    // A convolution's filters have axes of their own.
    const bool convolves = k.what == anchor::operation && k.kind == op::conv;
    for (std::size_t i = 0; i < k.inputs.size(); ++i) {
        const bool filters = convolves && k.inputs[i].is_weight && static_cast<int>(i) < k.anchor_operands;
        if (!filters && k.inputs[i].where.is_wide()) return true;
    }
    return false;
}

std::string text_of(const kernel& k) { return text_of(k, parts::all); }
std::string problem_of(const kernel& k) { return text_of(k, parts::problem); }

std::string summary_of(const kernel& k) {
    std::string s = name_of_anchor(k);
    const int rank = k.inputs.empty() ? 1 : spatial_rank_of(k.inputs[0].where);
    if (k.what == anchor::operation && k.kind == op::conv) {
        const auto a = unpack<ops::conv::attributes>(k.attributes);
        s += fmt::format(" {} {}->{}", window_text(a.slide.extent, rank), k.inputs[0].where.extent[0], a.filters);
        if (a.groups > 1) s += fmt::format(" in {} groups", a.groups);
    } else if (k.what == anchor::operation &&
               (k.kind == op::max_pool || k.kind == op::max_pool_place || k.kind == op::average_pool)) {
        s += " " + window_text(unpack<ops::pool_attributes>(k.attributes).slide.extent, rank);
    }
    if (k.pool > 1) s += fmt::format(" + {} {}x{}", name_of(op::max_pool), k.pool, k.pool);
    for (const epilogue_step& e : k.epilogue) s += fmt::format(" + {}", name_of(e.kind));
    const auto& e = k.output.extent;
    return s + ", " + window_text({e[1], e[2], e[3]}, spatial_rank_of(k.output));
}

}  // namespace kiln::schedules
