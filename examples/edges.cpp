// Edges of a photo by the course's filters: vertical and horizontal edges, Sobel, Scharr, and how strong an edge is.
// No weights are learned; everything is part of the network. Outputs have one channel and the photo's size.
//
// Filters answer with a sign (bright to dark is positive). The magnitude is |gx| + |gy| of Sobel's two gradients, the
// usual stand-in for their Euclidean length: a bank filters with gx, -gx, gy and -gy, relu keeps the positive halves,
// and a 1x1 filter of ones adds the four.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// Brightness of a colour (ITU-R BT.601).
inline constexpr filter<1, 1, 3, 1> luma{0.299, 0.587, 0.114};
inline constexpr filter<1, 1, 4, 1> sum_of_four{1, 1, 1, 1};

// clang-format off
inline constexpr auto edges = [](auto photo) {
    auto grey = photo | named("grey"_n, conv(luma));
    auto halves = bank(sobel_vertical, -sobel_vertical, sobel_horizontal, -sobel_horizontal);
    return outputs("vertical"_n   = grey | named("vertical"_n,   conv(vertical_edges, same)),
                   "horizontal"_n = grey | named("horizontal"_n, conv(horizontal_edges, same)),
                   "sobel"_n      = grey | named("sobel"_n,      conv(sobel_vertical, same)),
                   "scharr"_n     = grey | named("scharr"_n,     conv(scharr_vertical, same)),
                   "magnitude"_n  = grey | named("magnitude"_n,  seq(conv(halves, same), relu, conv(sum_of_four))));
};
// clang-format on

static_assert(network<edges, shape<320, 320, 3>>::parameters == 0);

KILN_EXPORT(edges, shape<320, 320, 3>);
KILN_EXPORT_AS("edges_512", edges, shape<512, 512, 3>);
