#include <kiln/compiler/onnx/import_model.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <kiln/compiler/ir/verify.hpp>
#include <kiln/compiler/onnx/operators.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/mapped_file.hpp>
#include <kiln/runtime/utf8.hpp>

namespace kiln::onnx {
namespace {

constexpr std::int64_t oldest_opset = 6, newest_opset = 21;
constexpr std::size_t most_listed = 40;

/// Names what cannot be taken, and how often: one line for each reason.
class problem_list {
public:
    void add(std::string_view operation, const std::string& why, std::string_view node) {
        auto& nodes = nodes_of_[fmt::format("{} ({})", operation, why)];
        nodes.emplace_back(node);
        ++count_;
    }
    bool empty() const { return nodes_of_.empty(); }

    std::string text() const {
        std::vector<std::string> lines;
        for (const auto& [what, nodes] : nodes_of_) {
            if (lines.size() == most_listed) break;
            std::vector<std::string> some;
            for (const std::string_view node : nodes)
                if (some.size() < 3) some.push_back(in_quotes(node));
            lines.push_back(fmt::format("{} at {}{}", what, fmt::join(some, ", "),
                                        nodes.size() > some.size()
                                            ? fmt::format(" and {} more nodes", nodes.size() - some.size())
                                            : std::string()));
        }
        std::string rest;
        if (nodes_of_.size() > lines.size())
            rest = fmt::format("; and {} more reasons", nodes_of_.size() - lines.size());
        return fmt::format("{} of its nodes cannot be taken: {}{}", count_, fmt::join(lines, "; "), rest);
    }

private:
    std::map<std::string, std::vector<std::string_view>> nodes_of_;
    std::size_t count_ = 0;
};

class reader {
public:
    reader(const model_proto& model, const std::filesystem::path& folder, const import_options& options)
        : model_(model), folder_(folder), options_(options), to_(graph_) {}

    /// Of a file of `bytes`.
    ir::graph read(const std::string& name, std::size_t bytes) {
        graph_.name = name;
        to_.grant(bytes);
        expect_known_opset();
        expect_printable();
        find_initializers();
        add_inputs();
        for (const node_proto& n : model_.nodes) add_node(n);
        if (!problems_.empty()) throw error(problems_.text());
        add_outputs();
        ir::verify(graph_);
        return std::move(graph_);
    }

private:
    void expect_known_opset() const {
        if (model_.opset < oldest_opset || model_.opset > newest_opset)
            throw error(
                fmt::format("it uses operator set {}; Kiln knows {} to {}", model_.opset, oldest_opset, newest_opset));
    }

    void expect_printable() const {
        const auto check = [](std::string_view name) {
            if (!is_printable(name)) throw error(fmt::format("a name is not printable UTF-8: {}", in_quotes(name)));
        };
        for (const node_proto& n : model_.nodes) {
            check(n.name);
            for (const auto* names : {&n.inputs, &n.outputs}) std::ranges::for_each(*names, check);
        }
        for (const auto* ports : {&model_.inputs, &model_.outputs})
            for (const value_proto& v : *ports) check(v.name);
    }

    void define(std::string_view name, value v) {
        if (!values_.emplace(name, std::move(v)).second)
            throw error(fmt::format("tensor {} is defined twice", in_quotes(name)));
    }

    void find_initializers() {
        for (const tensor_proto& t : model_.initializers)
            if (!initializers_.emplace(t.name, &t).second)
                throw error(fmt::format("two initializers are called {}", in_quotes(t.name)));
    }

    /// The file's extents, or what the caller said.
    std::vector<std::int64_t> shape_of(const value_proto& input) const {
        const auto said = options_.shapes.find(std::string(input.name));
        std::vector<std::int64_t> shape = input.shape;
        if (said != options_.shapes.end()) {
            if (input.has_shape && said->second.size() != shape.size())
                throw error(fmt::format("--shape gives input {} {} axes, the model {}", in_quotes(input.name),
                                        said->second.size(), shape.size()));
            for (std::size_t axis = 0; axis < shape.size(); ++axis)
                if (shape[axis] >= 0 && shape[axis] != said->second[axis])
                    throw error(fmt::format("--shape gives input {} the extents {}, the model fixes {}",
                                            in_quotes(input.name), shape_text(said->second), text_of(shape)));
            shape = said->second;
        } else if (!shape.empty() && (shape[0] < 0 || shape[0] == 1)) {
            shape[0] = options_.batch;
        }
        if (std::ranges::any_of(shape, [](std::int64_t e) { return e < 1; }) || (shape.empty() && !input.has_shape))
            throw error(fmt::format("input {} has the shape {}, which leaves extents open: give it with --shape {}=...",
                                    in_quotes(input.name), text_of(shape), input.name));
        return shape;
    }

    static std::string text_of(const std::vector<std::int64_t>& shape) {
        std::string text;
        for (const std::int64_t e : shape)
            text += (text.empty() ? "" : "x") + (e < 0 ? std::string("?") : std::to_string(e));
        return text.empty() ? "unknown" : text;
    }

    /// An input that the caller fixed: whole numbers where the model declares integers.
    static value constant_of(const tensor& t, const value_proto& input) {
        const element type = element_of(input.type).value_or(element::float32);
        return {t.shape, constant{std::make_shared<const tensor>(
                             converted(t, type, fmt::format("input {}", in_quotes(input.name))))}};
    }

    static element type_of(const value_proto& input) {
        switch (input.type) {
            case data_type::float32: return element::float32;
            case data_type::int64: return element::int64;
            case data_type::int32: return element::int32;
            case data_type::boolean: return element::boolean;
            default:
                throw error(
                    fmt::format("input {} is of ONNX type {}; Kiln takes float32, int64, int32 and boolean inputs",
                                in_quotes(input.name), static_cast<int>(input.type)));
        }
    }

    static dims dims_of(const std::vector<std::int64_t>& shape, std::string_view input) {
        if (shape.size() >= max_rank)
            throw error(fmt::format("input {} has {} axes; Kiln takes up to 7", in_quotes(input), shape.size()));
        dims d;
        for (const std::int64_t extent : shape) {
            if (extent > std::numeric_limits<std::int32_t>::max())
                throw error(fmt::format("input {} has an extent of {}, which is too large", in_quotes(input), extent));
            d[d.rank++] = static_cast<std::int32_t>(extent);
        }
        if (d.volume() > ir::most_elements)
            throw error(fmt::format("input {} of {} has more elements than Kiln can index (2^31 - 1)", in_quotes(input),
                                    shape_text(shape)));
        return d;
    }

    void add_inputs() {
        std::set<std::string> unused;
        for (const auto& [name, shape] : options_.shapes) unused.insert(name);
        std::set<std::string> unfixed;
        for (const auto& [name, values] : options_.fixed) unfixed.insert(name);
        bool first = true;
        for (const value_proto& input : model_.inputs) {
            if (initializers_.contains(input.name)) continue;  // before IR version 4, weights were listed as inputs too
            unused.erase(std::string(input.name));
            if (const auto fixed = options_.fixed.find(std::string(input.name)); fixed != options_.fixed.end()) {
                unfixed.erase(fixed->first);
                if (input.type == data_type::bfloat16)
                    throw error(fmt::format("input {} is of bfloat16, which Kiln reads weights of, but no inputs",
                                            in_quotes(input.name)));
                to_.grant(fixed->second.size() * sizeof(float));
                define(input.name, constant_of(fixed->second, input));
                continue;
            }
            const element type = type_of(input);
            const std::vector<std::int64_t> shape = shape_of(input);
            const ir::node_id id =
                to_.push({op::input, {}, {}, dims_of(shape, input.name), std::string(input.name), nullptr, type, true});
            if (first && shape.size() > 1) graph_.batch = static_cast<int>(shape[0]);
            first = false;
            define(input.name, {shape, std::nullopt, -1, id});
        }
        if (!unused.empty())
            throw error(fmt::format("--shape names {}, which is no input of the model", in_quotes(*unused.begin())));
        if (!unfixed.empty())
            throw error(fmt::format("--fix names {}, which is no input of the model", in_quotes(*unfixed.begin())));
    }

    /// Values in other files than the model: many tensors may name the same bytes.
    void account_for(const tensor_proto& t, const constant& c) {
        const std::filesystem::path file = std::filesystem::canonical(folder_ / t.location);
        if (external_.insert(file).second) to_.grant(std::filesystem::file_size(file));
        to_.spend(static_cast<std::int64_t>(c.value->size()));
    }

    /// Null for an absent optional input. Throws kiln::error when nothing before defines the name.
    const value* find(std::string_view name) {
        if (name.empty()) return nullptr;
        if (const auto there = values_.find(name); there != values_.end()) return &there->second;
        if (const auto t = initializers_.find(name); t != initializers_.end()) {
            constant c = read_constant(*t->second, folder_);
            if (t->second->external) account_for(*t->second, c);
            std::vector<std::int64_t> shape = c.shape();
            return &values_.emplace(name, value{std::move(shape), std::move(c)}).first->second;
        }
        throw error(
            fmt::format("tensor {} is read before anything defines it: the graph has a cycle, is out of order, "
                        "or lacks it",
                        in_quotes(name)));
    }

    void add_node(const node_proto& n) {
        const bool poisoned = std::ranges::any_of(n.inputs, [&](auto name) { return poisoned_.contains(name); });
        const bool own = n.domain.empty() || n.domain == "ai.onnx";
        const operator_function import = own ? find_operator(n.operation) : nullptr;
        if (!import)
            problems_.add(in_quotes(own ? std::string(n.operation) : fmt::format("{}.{}", n.domain, n.operation)),
                          "not an operator Kiln imports", label_of(n));
        if (n.outputs.empty()) throw error(fmt::format("node {} has no outputs", in_quotes(label_of(n))));
        if (poisoned || !import) return poison(n);
        std::vector<const value*> inputs;
        try {
            for (const std::string_view name : n.inputs) {
                if (uncomputed_.contains(name))
                    throw refusal{"it reads an output of a node that Kiln does not compute"};
                inputs.push_back(find(name));
            }
            results made = import(to_, node_view(to_, n, model_.opset, std::move(inputs)));
            for (std::size_t i = 0; i < n.outputs.size(); ++i) {
                if (i >= made.size())
                    uncomputed_.insert(n.outputs[i]);
                else if (!n.outputs[i].empty())
                    define(n.outputs[i], std::move(made[i]));
            }
        } catch (const refusal& r) {
            problems_.add(n.operation, r.why, label_of(n));
            poison(n);
        }
    }

    void poison(const node_proto& n) { poisoned_.insert(n.outputs.begin(), n.outputs.end()); }

    void add_outputs() {
        std::vector<std::string_view> names(options_.outputs.begin(), options_.outputs.end());
        if (names.empty())
            for (const value_proto& o : model_.outputs) names.push_back(o.name);
        for (const std::string_view name : names) {
            const auto found = values_.find(name);
            if (found == values_.end())
                throw error(
                    uncomputed_.contains(name)
                        ? fmt::format("output {} is one of a node's that Kiln does not compute", in_quotes(name))
                        : fmt::format("there is no tensor {} to put out", in_quotes(name)));
            // A row of channels is the same in both forms.
            const value& v = found->second;
            const bool row = v.node >= 0 && v.flattened < 0 && v.rank() == 2;
            try {
                graph_.outputs.push_back({std::string(name), row ? v.node : to_.plain(v)});
            } catch (const refusal& r) {
                throw error(fmt::format("output {}: {}", in_quotes(name), r.why));
            }
        }
    }

    const model_proto& model_;
    const std::filesystem::path& folder_;
    const import_options& options_;
    ir::graph graph_{};
    importer to_;
    problem_list problems_;
    std::unordered_map<std::string_view, const tensor_proto*> initializers_;
    std::unordered_map<std::string_view, value> values_;
    std::unordered_set<std::string_view> poisoned_;    // a node on the way to them was refused
    std::set<std::filesystem::path> external_;         // files that count towards what was read
    std::unordered_set<std::string_view> uncomputed_;  // second outputs, such as a dropout's mask
};

}  // namespace

ir::graph import_model(const std::filesystem::path& file, const import_options& options) {
    const mapped_file mapped(file);
    try {
        return import_model(mapped.bytes(), file.stem().string(), file.parent_path(), options);
    } catch (const error& e) {
        throw error(fmt::format("{}: {}", file.string(), e.what()));
    }
}

ir::graph import_model(byte_view model, const std::string& name, const std::filesystem::path& folder,
                       const import_options& options) {
    const model_proto proto = read_model(model);
    return reader(proto, folder, options).read(name, model.size());
}

}  // namespace kiln::onnx
