#include <kiln/compiler/tune/report.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <kiln/compiler/bench/bandwidth.hpp>
#include <kiln/compiler/bench/fma_peak.hpp>
#include <kiln/compiler/tune/single_kernel.hpp>
#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/schedule_text.hpp>

namespace kiln::tune {
namespace {

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) switch (c) {
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '&': result += "&amp;"; break;
            case '"': result += "&quot;"; break;
            default: result += c;
        }
    return result;
}

/// Operations of a kernel by its definition (a multiply-add is two), and the bytes it cannot avoid to move.
struct demand {
    double operations = 0, bytes = 0;
};

demand demand_of(const schedules::kernel& k) {
    demand d;
    d.operations = static_cast<double>(schedules::work_of(k));
    std::int64_t elements = elements_of(k.output);
    for (const schedules::operand& o : k.inputs) elements += o.is_weight ? o.shape.volume() : elements_of(o.where);
    d.bytes = 4 * static_cast<double>(elements);
    return d;
}

/// A logarithmic axis of a picture.
struct log_axis {
    double least, most, from, to;
    double operator()(double value) const {
        const double share = std::log(value / least) / std::log(most / least);
        return from + std::clamp(share, 0.0, 1.0) * (to - from);
    }
};

constexpr double width = 860, height = 420, margin = 56;

std::string roofline_svg(const tune_result& r, double peak, double bandwidth) {
    const log_axis x{0.05, 1000, margin, width - 12};
    const log_axis y{peak / 2000, peak * 8, height - margin, 12};
    std::string svg = fmt::format("<svg viewBox='0 0 {} {}' role='img' aria-label='roofline'>\n", width, height);
    for (double tick = 0.1; tick <= 1000; tick *= 10)
        svg += fmt::format(
            "<line class='grid' x1='{0:.1f}' x2='{0:.1f}' y1='12' y2='{1}'/><text x='{0:.1f}' y='{2}' "
            "text-anchor='middle'>{3:g}</text>\n",
            x(tick), height - margin, height - margin + 16, tick);
    for (double tick = 0.01; tick <= y.most; tick *= 10) {
        if (tick < y.least) continue;
        svg += fmt::format(
            "<line class='grid' x1='{0}' x2='{1}' y1='{2:.1f}' y2='{2:.1f}'/><text x='{3}' y='{4:.1f}' "
            "text-anchor='end'>{5:g}</text>\n",
            margin, width - 12, y(tick), margin - 6, y(tick) + 4, tick);
    }
    const double ridge = peak / bandwidth;
    svg += fmt::format("<polyline class='roof' points='{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}'/>\n", x(x.least),
                       y(x.least * bandwidth), x(ridge), y(peak), x(x.most), y(peak));
    for (const tuned_kernel& k : r.kernels) {
        if (k.usual_ms <= 0) continue;
        const demand d = demand_of(k.usual);
        const double intensity = d.operations / d.bytes, before = d.operations / k.usual_ms * 1e-6,
                     after = d.operations / k.best_ms * 1e-6;
        const double radius = 3 + 2 * std::log10(1 + 100 * k.usual_ms * k.calls);
        svg += fmt::format("<line class='gain' x1='{0:.1f}' x2='{0:.1f}' y1='{1:.1f}' y2='{2:.1f}'/>\n", x(intensity),
                           y(before), y(after));
        svg += fmt::format(
            "<circle cx='{:.1f}' cy='{:.1f}' r='{:.1f}'><title>{}: {:.1f} GFLOP/s, was {:.1f}; {:.2f} "
            "FLOP/byte</title></circle>\n",
            x(intensity), y(after), radius, escaped(schedules::summary_of(k.usual)), after, before, intensity);
    }
    svg += fmt::format("<text x='{}' y='{}' text-anchor='middle'>operations per byte of operands and result</text>\n",
                       width / 2, height - 14);
    return svg + fmt::format(
                     "<text x='14' y='{0}' transform='rotate(-90 14 {0})' text-anchor='middle'>GFLOP/s</text>\n"
                     "</svg>\n",
                     height / 2);
}

/// Speed against trials: a dot for each, a line for the best so far.
std::string search_svg(const tuned_kernel& k) {
    constexpr double w = 420, h = 110;
    double most = 1.05;
    for (const trial& t : k.trials)
        if (t.ratio > 0) most = std::max(most, 1 / t.ratio);
    const double count = std::max<double>(1, static_cast<double>(k.trials.size()));
    const auto x = [&](double index) { return 30 + (w - 36) * index / count; };
    const auto y = [&](double speed) { return h - 14 - (h - 22) * speed / most; };
    std::string svg = fmt::format("<svg class='search' viewBox='0 0 {} {}'>", w, h);
    svg += fmt::format(
        "<line class='grid' x1='30' x2='{0}' y1='{1:.1f}' y2='{1:.1f}'/><text x='26' y='{2:.1f}' "
        "text-anchor='end'>1</text>",
        w - 6, y(1), y(1) + 4);
    std::string line = fmt::format("{:.1f},{:.1f}", x(0), y(1));
    double best = 1;
    for (std::size_t i = 0; i < k.trials.size(); ++i) {
        const trial& t = k.trials[i];
        const double at = x(static_cast<double>(i) + 1);
        if (t.ratio > 0)
            svg += fmt::format("<circle class='{}' cx='{:.1f}' cy='{:.1f}' r='2'><title>{}: {:.3f}</title></circle>",
                               t.faster ? "win" : "try", at, y(1 / t.ratio), text_of(t.how), 1 / t.ratio);
        if (t.faster && 1 / t.ratio > best) best = 1 / t.ratio;
        line += fmt::format(" {:.1f},{:.1f}", at, y(best));
    }
    return svg + fmt::format("<polyline class='best' points='{}'/></svg>", line);
}

constexpr const char* style = R"(
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733 }
svg { width: 100%; height: auto } svg text { font-size: 11px; fill: #5a6773 }
.grid { stroke: #e3e8ec } .roof { fill: none; stroke: #c0392b; stroke-width: 2 }
circle { fill: #2471a3; fill-opacity: .65 } .gain { stroke: #2471a3; stroke-width: 1.5 }
.try { fill: #95a5a6 } .win { fill: #27ae60 } .best { fill: none; stroke: #27ae60; stroke-width: 1.5 }
.search { width: 26rem } table { border-collapse: collapse; width: 100% } td, th { padding: .3rem .6rem; text-align: left;
vertical-align: top; border-bottom: 1px solid #e3e8ec } td.n { text-align: right; font-variant-numeric: tabular-nums }
code { font-size: 12px; word-break: break-all }
)";

}  // namespace

std::string report_html(const tune_result& r, const std::string& model, const setting& where) {
    const bench::fma_peak peak = bench::measure_fma_peak(where.threads);
    const double bandwidth = bench::measure_bandwidth(where.threads);
    std::string html = fmt::format(
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>kiln tune {0}</title><style>{1}</style>"
        "</head><body>\n<h1>kiln tune {0}</h1>\n<p>{2}; {3}; {4} thread{5}. {6}.</p>\n",
        escaped(model), style, escaped(where.cpu), escaped(where.caches), where.threads, where.threads == 1 ? "" : "s",
        escaped(where.version));
    if (r.kept > 0)
        html += fmt::format(
            "<p>Whole network: {:.3f} ms with defaults, {:.3f} ms tuned: {:.1f} % faster. {} trials, {} "
            "schedules kept, {} dropped.</p>\n",
            r.network.usual_ms, r.network.whole.milliseconds, 100 * (1 / r.network.whole.ratio - 1),
            r.trials + r.resumed, r.kept, r.dropped);
    else
        html += fmt::format("<p>{} trials; the defaults stay.</p>\n", r.trials + r.resumed);
    html += fmt::format(
        "<h2>Roofline</h2>\n<p>{:.1f} GFLOP/s with {} multiply-adds in registers, {:.1f} GB/s from memory, "
        "both measured. A circle is a kernel, larger where the network spends more time in it; the line "
        "below it leads to where the default was. Operations are the definition's: Winograd's "
        "convolutions can lie above the roof.</p>\n{}",
        peak.gflops, peak.instructions, bandwidth, roofline_svg(r, peak.gflops, bandwidth));
    html +=
        "<h2>Kernels</h2>\n<p>Speed relative to the default against trials; green: faster than the best before, beyond "
        "doubt.</p>\n<table><tr><th>kernel</th><th>calls</th><th>ms</th><th>search</th></tr>\n";
    std::vector<const tuned_kernel*> by_time;
    for (const tuned_kernel& k : r.kernels) by_time.push_back(&k);
    std::ranges::stable_sort(by_time, {}, [](const tuned_kernel* k) { return -k->usual_ms * k->calls; });
    for (const tuned_kernel* k : by_time)
        html += fmt::format(
            "<tr><td>{}<br><code>{}</code>{}<br>{} of {} schedules tried</td><td class='n'>{}</td><td "
            "class='n'>{:.4f}<br>was {:.4f}</td><td>{}</td></tr>\n",
            escaped(schedules::summary_of(k->usual)), text_of(k->best), k->best == k->usual.how ? " (default)" : "",
            k->trials.size() + 1, k->space, k->calls, k->best_ms, k->usual_ms, search_svg(*k));
    return html + "</table>\n</body></html>\n";
}

}  // namespace kiln::tune
