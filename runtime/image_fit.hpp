// image_fit: an image of any size made to be what a network takes.
#pragma once

#include <cstdint>
#include <kiln/runtime/tensor.hpp>
#include <string_view>

namespace kiln {

/// What happens to an image of another size.
enum class sizing {
    crop,     // scaled until both sides are large enough, then the middle
    stretch,  // scaled, each side by itself
    refuse,
};

/// "crop", "stretch" or "refuse", the words of the command line.
sizing sizing_called(std::string_view name);

struct fit_options {
    sizing size = sizing::crop;
    bool convert_channels = true;  // between gray and colour; otherwise refused
};

/// {height, width, channels} of an image of 1 or 3 channels. Throws kiln::error starting with `what` where the options
/// refuse it, naming the option that would not.
tensor fit_image(tensor image, std::int64_t height, std::int64_t width, std::int64_t channels, const fit_options& o,
                 std::string_view what);

}  // namespace kiln
