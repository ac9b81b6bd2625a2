#include <kiln/compiler/bench/call_buffers.hpp>

#include <algorithm>

namespace kiln::bench {

call_buffers::call_buffers(const plan::plan& p, const std::vector<tensor>& inputs)
    : arena(static_cast<std::size_t>(std::max<std::int64_t>(p.arena_bytes, 64))) {
    integers_.reserve(inputs.size());
    for (const tensor& t : inputs) {
        if (t.type != element::float32) integers_.push_back(stored_integers(t));
        in.push_back(t.type == element::float32 ? static_cast<const void*>(t.values.data()) : integers_.back().data());
    }
    for (const plan::port& port : p.outputs)
        results_.emplace_back(static_cast<std::size_t>(port.shape.volume() * bytes_of(port.type)));
    for (auto& r : results_) out.push_back(r.data());
}

}  // namespace kiln::bench
