#include <kiln/schedules/stored_weights.hpp>

namespace kiln::schedules {

storage storage_for(const kernel& k, const machine& m, precision allowed, storage wanted) {
    if (wanted == storage::float32 || k.what != anchor::operation || k.kind != op::conv || !k.inputs[1].is_weight)
        return storage::float32;
    if (k.inputs[1].shape.volume() < fewest_narrowed) return storage::float32;
    kernel narrow = k;  // Winograd's family takes no int8: asked as if it were bfloat16
    narrow.inputs[1].packed.stored = storage::bfloat16;
    switch (default_schedule(narrow, m, allowed).which) {
        case family::direct_conv: return wanted;
        case family::winograd: return storage::bfloat16;
        default: return storage::float32;
    }
}

}  // namespace kiln::schedules
