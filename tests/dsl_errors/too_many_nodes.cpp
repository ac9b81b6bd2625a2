// expect: the network has more nodes than the DSL records: split it, or raise KILN_MAX_NODES
// fact: 16
// flags: -DKILN_MAX_NODES=16
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = repeat(20_c, relu);
KILN_EXPORT(net, shape<8, 8, 1>);  // <- here
