// line_chart: curves as a picture (SVG), for a person to look at: axes with round numbers, a legend, colours that also
// the colour-blind tell apart (Okabe and Ito 2008).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kiln {

struct chart_point {
    double x = 0, y = 0;
};

struct chart_line {
    std::string name;  // in the legend
    std::vector<chart_point> points;
    int color = 0;  // lines that belong together have the same
    bool dashed = false;
};

struct chart {
    std::string title, x_title, y_title;
    std::vector<chart_line> lines;
    /// What the axis shows at least; the lines widen it.
    std::optional<double> y_least{}, y_most{};
};

/// The charts side by side as one SVG document. Points that are not finite are left out, and the line is broken there.
std::string svg_of(std::span<const chart> charts);

}  // namespace kiln
