#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <kiln/runtime/line_chart.hpp>
#include <limits>

namespace kiln {
namespace {

constexpr double chart_width = 460, chart_height = 340;
constexpr double left = 64, right = 16, top = 36, bottom = 48;
constexpr std::array colors = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555"};
constexpr std::size_t most_points = 2000;  // more cannot be seen

std::string escaped(const std::string& text) {
    std::string safe;
    for (const char c : text) {
        if (c == '<')
            safe += "&lt;";
        else if (c == '>')
            safe += "&gt;";
        else if (c == '&')
            safe += "&amp;";
        else if (static_cast<unsigned char>(c) >= 0x20)
            safe += c;
    }
    return safe;
}

bool is_drawn(const chart_point& p) { return std::isfinite(p.x) && std::isfinite(p.y); }

/// An axis from `least` to `most` with ticks at multiples of 1, 2 or 5 times a power of ten.
struct axis {
    double least, most, step;

    axis(double from, double to) : least(from), most(to) {
        if (!(most > least)) {
            least -= 0.5;
            most = least + 1;
        }
        const double rough = (most - least) / 5, power = std::pow(10, std::floor(std::log10(rough)));
        step = 10 * power;
        for (const double factor : {1.0, 2.0, 5.0})
            if (factor * power >= rough * 0.999) {
                step = factor * power;
                break;
            }
        least = std::floor(least / step + 1e-9) * step;
        most = std::ceil(most / step - 1e-9) * step;
    }
    int ticks() const { return static_cast<int>(std::lround((most - least) / step)) + 1; }
    double tick(int i) const { return least + i * step; }
    double share(double value) const { return (value - least) / (most - least); }
    std::string label(double value) const {
        const int digits = std::clamp(static_cast<int>(-std::floor(std::log10(step) + 1e-9)), 0, 9);
        if (std::abs(value) >= 1e7) return fmt::format("{:.3g}", value);
        return fmt::format("{:.{}f}", std::abs(value) < step * 1e-6 ? 0.0 : value, digits);
    }
};

struct range {
    double least = std::numeric_limits<double>::infinity(), most = -least;
    void add(double value) {
        least = std::min(least, value);
        most = std::max(most, value);
    }
};

struct axes {
    axis x, y;
    double px(double value) const { return left + x.share(value) * (chart_width - left - right); }
    double py(double value) const { return chart_height - bottom - y.share(value) * (chart_height - top - bottom); }
};

axes axes_of(const chart& c) {
    range x, y;
    for (const chart_line& line : c.lines)
        for (const chart_point& p : line.points)
            if (is_drawn(p)) {
                x.add(p.x);
                y.add(p.y);
            }
    if (c.y_least) y.add(*c.y_least);
    if (c.y_most) y.add(*c.y_most);
    if (x.least > x.most) x = {0, 1};
    if (y.least > y.most) y = {0, 1};
    return {axis(x.least, x.most), axis(y.least, y.most)};
}

std::string frame(const chart& c, const axes& a) {
    std::string svg;
    for (int i = 0; i < a.y.ticks(); ++i) {
        const double y = a.py(a.y.tick(i));
        svg += fmt::format(R"(<path class="grid" d="M{:.1f} {:.1f}H{:.1f}"/><text class="tick" x="{:.1f}" y="{:.1f}" )"
                           R"(text-anchor="end">{}</text>)"
                           "\n",
                           left, y, chart_width - right, left - 6, y + 4, a.y.label(a.y.tick(i)));
    }
    for (int i = 0; i < a.x.ticks(); ++i) {
        const double x = a.px(a.x.tick(i));
        svg += fmt::format(R"(<path class="axis" d="M{:.1f} {:.1f}v4"/><text class="tick" x="{:.1f}" y="{:.1f}" )"
                           R"(text-anchor="middle">{}</text>)"
                           "\n",
                           x, chart_height - bottom, x, chart_height - bottom + 18, a.x.label(a.x.tick(i)));
    }
    svg += fmt::format(R"(<path class="axis" d="M{:.1f} {:.1f}V{:.1f}H{:.1f}"/>)"
                       "\n",
                       left, top, chart_height - bottom, chart_width - right);
    const double middle = (left + chart_width - right) / 2, half = (top + chart_height - bottom) / 2;
    svg += fmt::format(R"(<text class="title" x="{:.1f}" y="20" text-anchor="middle">{}</text>)"
                       "\n",
                       middle, escaped(c.title));
    svg += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)"
                       "\n",
                       middle, chart_height - 10, escaped(c.x_title));
    svg += fmt::format(R"_(<text transform="translate(14 {:.1f}) rotate(-90)" text-anchor="middle">{}</text>)_"
                       "\n",
                       half, escaped(c.y_title));
    return svg;
}

std::string style_of(const chart_line& line) {
    const std::size_t color = static_cast<std::size_t>(std::max(line.color, 0)) % colors.size();
    return fmt::format(R"(stroke="{}"{})", colors[color], line.dashed ? R"( stroke-dasharray="6 4")" : "");
}

std::string curve(const chart_line& line, const axes& a) {
    std::string path;
    const std::size_t stride = line.points.size() / most_points + 1;
    bool broken = true;
    for (std::size_t i = 0; i < line.points.size(); i += stride) {
        const chart_point& p = line.points[i];
        if (!is_drawn(p)) {
            broken = true;
            continue;
        }
        path += fmt::format("{}{:.1f} {:.1f}", broken ? "M" : "L", a.px(p.x), a.py(p.y));
        broken = false;
    }
    if (path.empty()) return {};
    // A single point has no length: round ends make a dot of it.
    if (path.find('L') == path.npos) path += "h0";
    return fmt::format(R"(<path class="line" {} d="{}"/>)"
                       "\n",
                       style_of(line), path);
}

/// In the corner that is farthest from the lines.
std::string legend(const chart& c, const axes& a) {
    std::size_t longest = 0;
    for (const chart_line& line : c.lines) longest = std::max(longest, line.name.size());
    const double width = 40 + 6.2 * static_cast<double>(longest), height = 18 * static_cast<double>(c.lines.size()) + 6;
    struct corner {
        double x, y;
    };
    const double far_x = chart_width - right - width - 6, far_y = chart_height - bottom - height - 6;
    const std::array corners = {corner{far_x, top + 6}, corner{far_x, far_y}, corner{left + 10, top + 6},
                                corner{left + 10, far_y}};
    const auto covered = [&](const corner& at) {
        std::size_t points = 0;
        for (const chart_line& line : c.lines)
            for (const chart_point& p : line.points) {
                if (!is_drawn(p)) continue;
                const double x = a.px(p.x) - at.x, y = a.py(p.y) - at.y;
                points += x > -8 && x < width + 8 && y > -8 && y < height + 8;
            }
        return points;
    };
    const corner at = *std::ranges::min_element(corners, {}, covered);
    std::string svg = fmt::format(R"(<rect class="legend" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)"
                                  "\n",
                                  at.x, at.y, width, height);
    for (std::size_t i = 0; i < c.lines.size(); ++i) {
        const double y = at.y + 12 + 18 * static_cast<double>(i);
        svg += fmt::format(R"(<path class="line" {} d="M{:.1f} {:.1f}h24"/><text x="{:.1f}" y="{:.1f}">{}</text>)"
                           "\n",
                           style_of(c.lines[i]), at.x + 6, y, at.x + 36, y + 4, escaped(c.lines[i].name));
    }
    return svg;
}

constexpr const char* style =
    "<style>text{font:12px sans-serif;fill:#222}.title{font-weight:bold;font-size:14px}.tick{font-size:11px;fill:#555}"
    ".grid{stroke:#e4e4e4}.axis{stroke:#555;fill:none}.line{fill:none;stroke-width:1.8;stroke-linejoin:round;"
    "stroke-linecap:round}.legend{fill:#fff;fill-opacity:.85;stroke:#ccc}</style>\n";

}  // namespace

std::string svg_of(std::span<const chart> charts) {
    const double width = chart_width * static_cast<double>(charts.size());
    std::string svg =
        fmt::format(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}">)"
                    "\n",
                    width, chart_height);
    svg += style;
    svg += R"(<rect width="100%" height="100%" fill="#fff"/>)"
           "\n";
    for (std::size_t i = 0; i < charts.size(); ++i) {
        const axes a = axes_of(charts[i]);
        svg += fmt::format("<g transform=\"translate({} 0)\">\n", chart_width * static_cast<double>(i));
        svg += frame(charts[i], a);
        for (const chart_line& line : charts[i].lines) svg += curve(line, a);
        if (!charts[i].lines.empty()) svg += legend(charts[i], a);
        svg += "</g>\n";
    }
    return svg + "</svg>\n";
}

}  // namespace kiln
