#include <kiln/schedules/stored_weights.hpp>

namespace kiln::schedules {

storage storage_for(const kernel& k, const machine& m, precision allowed, storage wanted) {
    if (wanted == storage::float32 || k.what != anchor::operation || k.kind != op::conv || !k.inputs[1].is_weight)
        return storage::float32;
    if (k.inputs[1].shape.volume() < fewest_narrowed) return storage::float32;
    kernel narrow = k;  // Winograd's family takes int8 in chunks only: asked as if it were bfloat16
    narrow.inputs[1].packed.stored = storage::bfloat16;
    set_schedule(narrow, default_schedule(narrow, m, allowed));
    switch (narrow.inputs[1].packed.layout) {
        case packing::kind::filters: return narrow.how.which == family::direct_conv ? wanted : storage::float32;
        case packing::kind::taps: return wanted;
        case packing::kind::winograd: return storage::bfloat16;
        default: return storage::float32;
    }
}

}  // namespace kiln::schedules
