#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/normal.hpp>
#include <kiln/compiler/weights.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/tensor_file.hpp>
#include <kiln/runtime/utf8.hpp>
#include <set>
#include <thread>
#include <utility>

namespace kiln::compiler {

namespace {

parameter_attributes attributes_of(const ir::node& parameter) {
    return ir::attributes_of<parameter_attributes>(parameter);
}

/// The value every element of a parameter of that role starts with, weights excepted.
float start_of(role kind) {
    switch (kind) {
        case role::scale:
        case role::variance: return 1.0F;
        case role::slope: return 0.25F;
        default: return 0.0F;
    }
}

/// A filter of {window..., channels of its group, filters}: every cell of the window of an input goes into all filters.
double variance_of(const ir::node& weight, initializer start) {
    const double fan_in = attributes_of(weight).fan_in;
    if (start == initializer::he) return 2 / fan_in;
    const dims& shape = weight.shape;
    const std::int32_t channels = shape.rank >= 2 ? shape[shape.rank - 2] : 1;
    return 2 / (fan_in + static_cast<double>(shape.volume()) / channels);
}

/// A piece of a weight tensor that one thread fills in one go.
struct block {
    std::uint64_t key = 0, number = 0;
    float deviation = 0;
    std::span<float> values;
};

/// The blocks that remain to be filled with normal numbers; everything else is set here.
void append_blocks(const ir::node& parameter, std::uint64_t seed, initializer start, tensor& value,
                   std::vector<block>& blocks) {
    const parameter_attributes a = attributes_of(parameter);
    value.shape = extents_of(parameter.shape);
    value.values.assign(static_cast<std::size_t>(parameter.shape.volume()), start_of(a.kind));
    if (a.kind != role::weight) return;
    const std::uint64_t key = random_key(seed, parameter.name);
    const auto deviation = static_cast<float>(std::sqrt(variance_of(parameter, start)));
    const std::span all(value.values);
    for (std::size_t begin = 0; begin < all.size(); begin += normal_block)
        blocks.push_back(
            {key, begin / normal_block, deviation, all.subspan(begin, std::min(normal_block, all.size() - begin))});
}

void fill(const block& b) { fill_normal(b.key, b.number, b.deviation, b.values); }

void fill_in_parallel(const std::vector<block>& blocks) {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i; (i = next++) < blocks.size();) fill(blocks[i]);
    };
    std::vector<std::jthread> threads;
    const std::size_t wanted = std::min<std::size_t>({std::thread::hardware_concurrency(), 8, blocks.size() / 4 + 1});
    for (std::size_t i = 1; i < wanted; ++i) threads.emplace_back(work);
    work();
}

void bind_seeded(ir::graph& g, std::uint64_t seed, initializer start) {
    std::vector<block> blocks;
    for (ir::node& n : g.nodes) {
        if (n.kind != op::parameter || n.value) continue;
        const auto value = std::make_shared<tensor>();
        append_blocks(n, seed, start, *value, blocks);
        n.value = value;
    }
    fill_in_parallel(blocks);
}

/// Joins at most ten of `items`, saying how many more there are.
std::string listed(const std::vector<std::string>& items) {
    const std::size_t shown = std::min<std::size_t>(items.size(), 10);
    std::string text =
        fmt::format("{}", fmt::join(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
    if (items.size() > shown) text += fmt::format(" and {} more", items.size() - shown);
    return text;
}

/// Whether values of shape `found` are node `n`'s: in its own shape or, where a dense layer has become a convolution,
/// with one row for each value of its window.
bool fits(const ir::node& n, const std::vector<std::int64_t>& found) {
    if (found == extents_of(n.shape)) return true;
    return n.shape.rank > 2 &&
           found == std::vector<std::int64_t>{n.shape.volume() / n.shape.channels(), n.shape.channels()};
}

std::string wrong_shape(const ir::node& n, const std::vector<std::int64_t>& found) {
    std::vector<std::int64_t> expected = extents_of(n.shape), sorted = found;
    std::string text =
        fmt::format("{} (expected {}, found {}", in_quotes(n.name), ir::text_of(n.shape), shape_text(found));
    std::ranges::sort(expected);
    std::ranges::sort(sorted);
    if (expected == sorted) text += "; transpose it: filters or units come last, input channels before them";
    return text + ")";
}

void bind_file(ir::graph& g, const std::string& file) {
    tensor_map tensors = read_tensors(file);
    std::vector<std::string> missing, misshapen, unused;
    std::set<std::string_view> wanted;
    for (const ir::node& n : g.nodes) {
        if (n.kind != op::parameter) continue;
        wanted.insert(n.name);
        const auto found = tensors.find(n.name);
        if (found == tensors.end())
            missing.push_back(fmt::format("{} ({})", in_quotes(n.name), ir::text_of(n.shape)));
        else if (!fits(n, found->second.shape))
            misshapen.push_back(wrong_shape(n, found->second.shape));
    }
    if (!missing.empty() || !misshapen.empty()) {
        for (const auto& [name, value] : tensors)
            if (!wanted.contains(name))
                unused.push_back(fmt::format("{} ({})", in_quotes(name), shape_text(value.shape)));
        std::string text = fmt::format("the weights in {} do not fit network '{}'", file, g.name);
        if (!missing.empty()) text += "; missing: " + listed(missing);
        if (!misshapen.empty()) text += "; of the wrong shape: " + listed(misshapen);
        if (!missing.empty() && !unused.empty()) text += "; the file holds unused: " + listed(unused);
        throw error(text);
    }
    for (ir::node& n : g.nodes) {
        if (n.kind != op::parameter) continue;
        tensor& found = tensors.find(n.name)->second;
        found.shape = extents_of(n.shape);
        n.value = std::make_shared<const tensor>(std::move(found));
    }
}

}  // namespace

tensor seeded_values(const ir::node& parameter, std::uint64_t seed, initializer start) {
    tensor value;
    std::vector<block> blocks;
    append_blocks(parameter, seed, start, value, blocks);
    for (const block& b : blocks) fill(b);
    return value;
}

void bind_weights(ir::graph& g, const weight_source& source) {
    if (source.file.empty())
        bind_seeded(g, source.seed, source.start);
    else
        bind_file(g, source.file);
}

tensor_map parameters_of(const ir::graph& g) {
    tensor_map parameters;
    for (const ir::node& n : g.nodes) {
        if (n.kind != op::parameter) continue;
        if (!n.value) throw error(fmt::format("graph '{}': parameter '{}' has no values yet", g.name, n.name));
        parameters.emplace(n.name, *n.value);
    }
    return parameters;
}

}  // namespace kiln::compiler
