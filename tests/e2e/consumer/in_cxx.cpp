// The same network, once as a function compiled here and once as the object compiled by the build: they must agree.
#include <array>
#include <cstdio>
#include <kiln/compiler/kiln.hpp>

#include "gate.h"
#include "gate.hpp"

int main() {
    const std::array<float, 3> x{0.5F, -1.0F, 2.0F};
    const auto f = kiln::compile<gate, gate_input>({.weights = {.seed = 3}});
    const kiln::array<kiln::shape<2>> here = f(x);

    gate_model object;
    gate_model::output_array there;
    object(x, there);
    std::printf("%.9g %.9g\n", there[0], there[1]);
    return here[0] == there[0] && here[1] == there[1] ? 0 : 1;
}
