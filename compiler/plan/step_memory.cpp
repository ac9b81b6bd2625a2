#include <kiln/compiler/plan/step_memory.hpp>

#include <algorithm>

#include <kiln/compiler/plan/zeros.hpp>

namespace kiln::plan {
namespace {

constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

step_memory::step_memory(layout& buffers) : layout_(buffers) {
    for (const buffer& b : layout_.buffers) add(b.where == space::arena ? b.bytes : 0);
}

int step_memory::add(std::int64_t bytes) {
    lives_.push_back({.bytes = bytes});
    return static_cast<int>(lives_.size()) - 1;
}

void step_memory::use(int block, int step) {
    lifetime& life = lives_[at(block)];
    if (life.first < 0) life.first = step;
    life.last = step;
}

void step_memory::zero_before(int step, int block, const zero_fill& fill) { zeros_.push_back({step, block, fill}); }

void step_memory::use_scratch(int step, const schedules::scratch& scratch, std::int32_t threads) {
    const int block = add(scratch.bytes(std::min(scratch.slots, threads)));
    use(block, step);
    scratch_.push_back({step, block, scratch});
}

/// Scratch takes all the room that is left beside it while its step runs: more threads find a slot, and the arena is no
/// larger.
void step_memory::place_scratch(const step_scratch& s, plan& made) {
    grow_into_gap(lives_, at(s.block), s.what.bytes(s.what.slots), made.arena_bytes);
    step& of = made.steps[at(s.step)];
    of.scratch_byte = lives_[at(s.block)].byte;
    of.scratch_slots = s.what.slots_in(lives_[at(s.block)].bytes);
}

void step_memory::assign(plan& made) {
    made.arena_bytes = assign_offsets(lives_);
    for (std::size_t i = 0; i < layout_.buffers.size(); ++i) {
        buffer& b = layout_.buffers[i];
        if (b.where != space::arena) continue;
        b.byte = lives_[i].byte;
        if (lives_[i].first < 0) continue;
        auto& zeros = made.steps[at(lives_[i].first)].zeros;
        const std::vector<zero_fill> more = zeros_around(b);
        zeros.insert(zeros.end(), more.begin(), more.end());
    }
    for (step_zeros& z : zeros_) {
        z.fill.arena_byte += lives_[at(z.block)].byte;
        made.steps[at(z.step)].zeros.push_back(z.fill);
    }
    for (const step_scratch& s : scratch_) place_scratch(s, made);
}

place step_memory::place_of(const argument& a) const {
    if (at(a.block) < layout_.buffers.size()) return layout_.begin_of(a.block, a.byte);
    return {space::arena, 0, lives_[at(a.block)].byte + a.byte};
}

}  // namespace kiln::plan
