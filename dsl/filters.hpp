// The course's edge detectors, ready to use: x | conv(sobel_vertical, same). They read columns from left to right, as
// on the slides, and answer bright-to-dark transitions with positive values.
#pragma once

#include <kiln/dsl/filter.hpp>

namespace kiln::dsl {

inline constexpr filter<3, 3> vertical_edges{1, 0, -1,  //
                                             1, 0, -1,  //
                                             1, 0, -1};
inline constexpr filter<3, 3> horizontal_edges{1,  1,  1,  //
                                               0,  0,  0,  //
                                               -1, -1, -1};
inline constexpr filter<3, 3> sobel_vertical{1, 0, -1,  //
                                             2, 0, -2,  //
                                             1, 0, -1};
inline constexpr filter<3, 3> sobel_horizontal{1,  2,  1,  //
                                               0,  0,  0,  //
                                               -1, -2, -1};
inline constexpr filter<3, 3> scharr_vertical{3,  0, -3,   //
                                              10, 0, -10,  //
                                              3,  0, -3};
inline constexpr filter<3, 3> scharr_horizontal{3,  10,  3,  //
                                                0,  0,   0,  //
                                                -3, -10, -3};

}  // namespace kiln::dsl
