#include <kiln/schedules/machine.hpp>

#include <Halide.h>

namespace kiln::schedules {

machine machine_of(const std::string& target) {
    const Halide::Target t(target);
    machine m;
    if (t.arch == Halide::Target::ARM) {
        m.lanes = 4;
        m.registers = t.bits == 64 ? 32 : 16;
    } else if (t.has_feature(Halide::Target::AVX512) || t.has_feature(Halide::Target::AVX512_Skylake)) {
        m.lanes = 16;
        m.registers = 32;
        m.l2_bytes = 1024 * 1024;
    } else if (t.has_feature(Halide::Target::AVX2) || t.has_feature(Halide::Target::AVX)) {
        m.lanes = 8;
    }
    return m;
}

}  // namespace kiln::schedules
