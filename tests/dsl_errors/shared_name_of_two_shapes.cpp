// expect: shared: the same name would need two different shapes or two different given filters
// fact: shape<64, 10>
// fact: shape<16, 10>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    auto tower = shared("tower"_n, dense(10_c));
    return concat(tower(x), tower(x | max_pool(2_c)));
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();  // <- here
