#include <kiln/compiler/plan/choose.hpp>

#include <optional>
#include <utility>

#include <kiln/compiler/plan/rounding.hpp>
#include <kiln/compiler/plan/strassen_error.hpp>
#include <kiln/compiler/plan/winograd_error.hpp>
#include <kiln/schedules/family.hpp>
#include <kiln/schedules/stored_weights.hpp>
#include <kiln/schedules/winograd.hpp>

namespace kiln::plan {
namespace {

using schedules::storage;

/// Winograd's convolution and Strassen's are taken where they are exact enough for the layer's own weights. Where those
/// are not known, Winograd's tiles are small enough for any.
bool is_exact_enough(const call& c) {
    const bool is_strassen = c.k.how.which == schedules::family::strassen;
    if (!schedules::is_winograd(c.k.how.which) && !is_strassen) return true;
    const weight& filters = c.inputs[1].constant;
    if (is_strassen) return strassen_error(*filters.value, c.k.inputs[1].packed.block) <= tolerated_error;
    if (!filters.value) return c.k.inputs[1].packed.tile.points() <= schedules::most_points_of_computed_filters;
    const schedules::packing& packed = c.k.inputs[1].packed;
    const bool in_chunks = packed.layout == schedules::packing::kind::taps;
    return winograd_error(*filters.value, c.flip, packed.tile, in_chunks) <= tolerated_error;
}

/// A filter's int8 numbers are multiples of its scale: the epilogue's first step multiplies the sum by it, and the bias
/// is added after that.
void scale_sums(call& c) {
    const weight& filters = c.inputs[1].constant;
    const int scales = add_weight(c, {filters.name + ".scale", filters.scales},
                                  dims::of(c.k.inputs[1].shape.channels()), element::float32);
    std::vector<schedules::epilogue_step> before{{op::multiply, {}, {-1, scales}}};
    if (c.k.anchor_operands > 2) before.push_back({op::add, {}, {-1, 2}});
    c.k.anchor_operands = 2;
    c.k.epilogue.insert(c.k.epilogue.begin(), before.begin(), before.end());
}

}  // namespace

const std::shared_ptr<const tensor>& call_chooser::scales_of(const std::shared_ptr<const tensor>& filters) {
    const auto [entry, fresh] = scales_.try_emplace(filters.get());
    if (fresh)
        if (std::optional<tensor> scales = int8_scales(*filters))
            entry->second = std::make_shared<tensor>(*std::move(scales));
    return entry->second;
}

void call_chooser::choose_storage(call& c) {
    if (c.k.what != schedules::anchor::operation || c.k.kind != op::conv) return;
    weight& filters = c.inputs[1].constant;
    if (!filters.value) return;
    const storage stored = schedules::storage_for(c.k, machine_, options_.precision, options_.weights);
    if (stored == storage::int8) {
        filters.scales = scales_of(filters.value);
        if (!filters.scales) return;
    }
    c.k.inputs[1].packed.stored = stored;
    if (stored == storage::int8) scale_sums(c);
}

bool call_chooser::choose_schedule(call& c) const {
    if (options_.choose) {
        options_.choose(c.k, machine_);
        if (is_exact_enough(c)) return true;
    }
    schedules::choose(c.k, machine_, options_.precision);
    if (is_exact_enough(c)) return true;
    if (c.k.pool > 1) return false;
    schedules::choose(c.k, machine_, schedules::precision::strict);
    return true;
}

bool call_chooser::choose(call& c) {
    if (std::exchange(c.chosen, true)) return true;
    choose_storage(c);
    if (!choose_schedule(c)) return false;
    if (!schedules::is_winograd(c.k.how.which)) return true;
    schedules::packing& filters = c.k.inputs[1].packed;
    if (filters.layout == schedules::packing::kind::winograd)
        filters.stored = schedules::winograd_storage(filters.stored, filters.tile);
    return true;
}

}  // namespace kiln::plan
