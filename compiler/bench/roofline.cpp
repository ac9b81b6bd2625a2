#include <kiln/compiler/bench/roofline.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kiln::bench {
namespace {

constexpr double width = 860, height = 560, left = 72, right = 24, top = 48, bottom = 60;
constexpr std::size_t most_names = 8;

/// A logarithmic axis over whole powers of two (x) or ten (y).
struct log_axis {
    double base, least, most;  // exponents
    log_axis(double base_of, double from, double to)
        : base(base_of),
          least(std::floor(std::log(from) / std::log(base) + 1e-9)),
          most(std::max(std::ceil(std::log(to) / std::log(base) - 1e-9), least + 1)) {}
    double share(double value) const { return (std::log(value) / std::log(base) - least) / (most - least); }
};

struct frame {
    log_axis x, y;
    double px(double intensity) const { return left + x.share(intensity) * (width - left - right); }
    double py(double gflops) const { return height - bottom - y.share(gflops) * (height - top - bottom); }
};

std::string escaped(const std::string& text) {
    std::string safe;
    for (const char c : text) {
        if (c == '<')
            safe += "&lt;";
        else if (c == '&')
            safe += "&amp;";
        else if (static_cast<unsigned char>(c) >= 0x20)
            safe += c;
    }
    return safe;
}

std::string text_at(double x, double y, const std::string& text, const char* more = "") {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", x, y, more, escaped(text));
}

std::string line(double x0, double y0, double x1, double y1, const char* kind) {
    return fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n", kind, x0, y0, x1, y1);
}

std::string grid(const frame& f) {
    std::string svg;
    for (double e = f.x.least; e <= f.x.most; ++e) {
        const double value = std::pow(f.x.base, e), x = f.px(value);
        svg += line(x, top, x, height - bottom, "grid");
        svg += text_at(x, height - bottom + 18, fmt::format("{:g}", value), " text-anchor=\"middle\"");
    }
    for (double e = f.y.least; e <= f.y.most; ++e) {
        const double value = std::pow(f.y.base, e), y = f.py(value);
        svg += line(left, y, width - right, y, "grid");
        svg += text_at(left - 8, y + 4, fmt::format("{:g}", value), " text-anchor=\"end\"");
    }
    svg += text_at((left + width - right) / 2, height - 16, "operations a byte", " text-anchor=\"middle\"");
    svg += fmt::format("<text transform=\"translate(20 {:.1f}) rotate(-90)\" text-anchor=\"middle\">GFLOP/s</text>\n",
                       (top + height - bottom) / 2);
    return svg;
}

/// Names below their circles, where they cover no other name, with a line to the circle. Layers lie close to
/// the roof and to each other.
std::string names_of(const std::vector<roofline_layer>& layers, const frame& f) {
    constexpr double row = 15, letter = 6.2;
    struct box {
        double left, right, y;
    };
    std::vector<box> taken;
    std::string svg;
    for (const roofline_layer& l : layers) {
        const std::string name = l.name.substr(0, l.name.find(' '));
        const double x = f.px(l.intensity()), y = f.py(l.gflops());
        const bool ends = x > width * 0.8;
        const double length = letter * static_cast<double>(name.size());
        const auto clear = [&](const box& b) {
            return std::ranges::none_of(
                taken, [&](const box& t) { return b.left < t.right && t.left < b.right && std::abs(b.y - t.y) < row; });
        };
        box place{ends ? x - 6 - length : x + 6, ends ? x - 6 : x + 6 + length, y + 36};
        while (!clear(place) && place.y + row < height - bottom) place.y += row;
        taken.push_back(place);
        svg += line(x, y, x, place.y, "grid");
        svg += text_at(ends ? place.right : place.left, place.y, name,
                       ends ? " class=\"name\" text-anchor=\"end\"" : " class=\"name\"");
    }
    return svg;
}

}  // namespace

std::int64_t bytes_moved(const plan::plan& p, const plan::step& s) {
    const schedules::kernel& k = p.kernels[static_cast<std::size_t>(s.kernel)];
    std::int64_t bytes = elements_of(k.output) * bytes_of(k.output.type);
    for (std::size_t i = 0; i < s.inputs.size(); ++i) {
        if (s.inputs[i].where != plan::space::weights) {
            bytes += elements_of(k.inputs[i].where) * bytes_of(k.inputs[i].where.type);
            continue;
        }
        const auto at = std::ranges::find(p.weights, s.inputs[i].byte, &plan::packed_weight::byte);
        if (at != p.weights.end()) bytes += at->bytes;
    }
    return bytes;
}

std::string svg_of(const roofline& r) {
    std::vector<roofline_layer> layers;
    double time = 0;
    for (const roofline_layer& l : r.layers) {
        time += l.milliseconds;
        if (l.multiply_adds > 0 && l.milliseconds > 0) layers.push_back(l);
    }
    std::ranges::stable_sort(layers, std::ranges::greater{}, &roofline_layer::milliseconds);  // small circles on top

    const double roof = r.peak_gflops, slope = r.gigabytes_per_second, ridge = roof / slope;
    double least_x = ridge / 8, most_x = ridge * 8, least_y = roof / 8, most_y = roof;
    for (const roofline_layer& l : layers) {
        least_x = std::min(least_x, l.intensity());
        most_x = std::max(most_x, l.intensity());
        least_y = std::min(least_y, l.gflops());
        most_y = std::max(most_y, l.gflops());
    }
    const frame f{{2, least_x / 1.2, most_x * 1.2}, {10, least_y / 1.2, most_y * 1.2}};

    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\">\n"
        "<style>text{{font:12px sans-serif;fill:#222}}.title{{font-weight:bold;font-size:15px}}.grid{{stroke:#e4e4e4}}"
        ".roof{{stroke:#555;stroke-width:1.8;fill:none}}circle{{fill:#0072b2;fill-opacity:.45;stroke:#0072b2}}"
        ".name{{font-size:11px;fill:#555}}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        width, height);
    svg += text_at(left, 26, r.title, " class=\"title\"") + grid(f);

    // Where the slope leaves the picture, below or at its left side.
    const double from = std::max(std::pow(f.x.base, f.x.least), std::pow(f.y.base, f.y.least) / slope);
    svg += line(f.px(from), f.py(from * slope), f.px(ridge), f.py(roof), "roof");
    svg += line(f.px(ridge), f.py(roof), width - right, f.py(roof), "roof");
    svg += text_at(width - right - 6, f.py(roof) - 8, fmt::format("{:.0f} GFLOP/s", roof), " text-anchor=\"end\"");
    svg += text_at(f.px(from) + 26, f.py(from * slope) - 4, fmt::format("{:.1f} GB/s", slope));
    for (const roofline_layer& l : layers)
        svg += fmt::format(
            "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"><title>{}: {:.3f} ms, {:.0f} GFLOP/s, {:.1f} "
            "operations a byte</title></circle>\n",
            f.px(l.intensity()), f.py(l.gflops()), 2.5 + 40 * std::sqrt(l.milliseconds / time), escaped(l.name),
            l.milliseconds, l.gflops(), l.intensity());
    layers.resize(std::min(most_names, layers.size()));
    svg += names_of(layers, f);
    return svg + "</svg>\n";
}

}  // namespace kiln::bench
