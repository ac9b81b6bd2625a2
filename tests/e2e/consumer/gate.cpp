#include "gate.hpp"

inline constexpr auto unrelated = [](auto x) { return kiln::tanh(x); };

KILN_EXPORT(gate, gate_input);
KILN_EXPORT(unrelated, kiln::shape<3>);
