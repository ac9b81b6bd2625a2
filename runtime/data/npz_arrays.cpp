// sources.hpp's .npz file: one array for each input of the network.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <kiln/runtime/data/sources.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/mapped_file.hpp>
#include <kiln/runtime/npz.hpp>
#include <kiln/runtime/utf8.hpp>
#include <optional>

namespace kiln::data {
namespace {

namespace fs = std::filesystem;

constexpr std::array part_of = {&data_set::train, &data_set::validation, &data_set::test};

struct word {
    std::string_view text;
    std::size_t stands_for;
};
constexpr word part_words[] = {{"train", 0}, {"val", 1}, {"validation", 1}, {"test", 2}};
constexpr word input_words[] = {{"x", 0}, {"image", 0}, {"images", 0}, {"data", 0}, {"inputs", 0}};
constexpr word label_words[] = {{"y", 1}, {"label", 1}, {"labels", 1}, {"target", 1}, {"targets", 1}};

std::optional<std::size_t> find(std::span<const word> words, std::string_view text) {
    for (const word& w : words)
        if (w.text == text) return w.stands_for;
    return std::nullopt;
}

struct place {
    std::size_t part = 0, field = 0;
    bool label = false;  // what its name says
};

/// "labels" is field 1, and so is "input1".
std::optional<place> field_place(std::size_t part, std::string_view name) {
    if (const auto known = find(input_words, name)) return place{part, *known};
    if (const auto known = find(label_words, name)) return place{part, *known, true};
    if (!name.starts_with("input")) return std::nullopt;
    std::size_t number = 0;
    const auto [end, code] = std::from_chars(name.data() + 5, name.data() + name.size(), number);
    if (code != std::errc() || end != name.data() + name.size()) return std::nullopt;
    return place{part, number};
}

/// "x_train", "train_images" and "images" are the training set's field 0.
std::optional<place> place_of(std::string_view name) {
    if (const auto whole = field_place(0, name)) return whole;
    const std::size_t first = name.find('_'), last = name.rfind('_');
    if (first == name.npos) return std::nullopt;
    if (const auto p = find(part_words, name.substr(0, first)))
        if (const auto found = field_place(*p, name.substr(first + 1))) return found;
    if (const auto p = find(part_words, name.substr(last + 1)))
        if (const auto found = field_place(*p, name.substr(0, last))) return found;
    return std::nullopt;
}

field field_of(const std::string& name, const npy_view& array, bool label) {
    field f{name, {array.shape.begin() + 1, array.shape.end()}};
    const bool image = !label && array.format->npy == "u1" && array.shape.size() >= 3 && !array.fortran_order;
    if (image) {
        f.levels.resize(array.data.size());
        std::ranges::transform(array.data, f.levels.begin(), [](std::byte b) { return static_cast<std::uint8_t>(b); });
    } else {
        f.values = to_tensor(array).values;
    }
    return f;
}

void add(part& to, const place& at, const std::string& name, const npy_view& array, const std::string& what) {
    if (array.shape.empty()) throw error(fmt::format("{}: array {} has no samples", what, in_quotes(name)));
    if (to.fields.size() <= at.field) to.fields.resize(at.field + 1);
    if (!to.fields[at.field].name.empty())
        throw error(fmt::format("{}: arrays {} and {} mean the same", what, in_quotes(to.fields[at.field].name),
                                in_quotes(name)));
    const bool first = std::ranges::all_of(to.fields, [](const field& f) { return f.name.empty(); });
    if (!first && to.count != array.shape[0])
        throw error(fmt::format("{}: array {} holds {} samples, the others {}", what, in_quotes(name), array.shape[0],
                                to.count));
    to.count = array.shape[0];
    to.fields[at.field] = field_of(name, array, at.label);
}

void expect_complete(const part& p, std::size_t inputs, const std::string& what) {
    if (p.fields.empty()) return;
    for (std::size_t i = 0; i < inputs; ++i)
        if (i >= p.fields.size() || p.fields[i].name.empty())
            throw error(fmt::format(
                "{}: has no array for input {} beside {}: call it input{}{}", what, i,
                in_quotes(std::ranges::find_if(p.fields, [](const field& f) { return !f.name.empty(); })->name), i,
                i == 0   ? ", x or images"
                : i == 1 ? ", y or labels"
                         : ""));
}

}  // namespace

data_set read_npz_arrays(const fs::path& file, std::size_t inputs) {
    const std::string what = file.string();
    data_set set{what, {}, {}, {}, {}};
    const mapped_file mapped(file);
    visit_npz(mapped.bytes(), what, [&](const std::string& name, const npy_view& array) {
        const auto at = place_of(name);
        if (!at || at->field >= inputs)
            throw error(
                fmt::format("{}: array {} is none of the network's {} inputs: call them x, y, or input0, "
                            "input1 ..., with train_, val_ or test_ before them",
                            what, in_quotes(name), inputs));
        add(set.*part_of[at->part], *at, name, array, what);
    });
    for (const auto member : part_of) expect_complete(set.*member, inputs, what);
    return set;
}

}  // namespace kiln::data
