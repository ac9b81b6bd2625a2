// The recorder: what a network's function writes its nodes to while the compiler evaluates it.
//
// The function runs twice: once with no arrays, to count, and once with arrays of exactly that size. Both runs take the
// same decisions, names and sharing included. Operands are recorded before their users. The first mistake found is kept
// for network<> to report; recording goes on after it.
#pragma once

#include <kiln/dsl/diagnose.hpp>
#include <kiln/dsl/graph_view.hpp>
#include <kiln/dsl/scopes.hpp>

/// More nodes than this are refused with a sentence, before g++'s and clang's default limits of constant evaluation
/// speak up with none. docs/dsl.md says how to raise all three.
#ifndef KILN_MAX_NODES
#define KILN_MAX_NODES 4096
#endif

namespace kiln::dsl {

/// By role: what follows the layer's path in the name of its operand.
inline constexpr std::array operand_suffixes = {
    std::string_view(".weight"), std::string_view(".bias"),     std::string_view(".scale"), std::string_view(".shift"),
    std::string_view(".mean"),   std::string_view(".variance"), std::string_view(".slope"),
};
static_assert(operand_suffixes.size() == role_count);

/// A tensor a layer brings along besides its input.
struct operand {
    role kind = role::weight;
    dims shape;
    std::int32_t fan_in = 1;
};

/// How large a graph is.
struct extent_of_graph {
    std::int32_t nodes = 0, edges = 0, text = 0, outputs = 0;
    std::int64_t values = 0;
};

/// Where a graph is written to; null pointers while counting.
struct graph_arrays {
    node* nodes = nullptr;
    std::int32_t* edges = nullptr;
    char* text = nullptr;
    named_output* outputs = nullptr;
    float* values = nullptr;
};

/// The first mistake of a recording with its facts; `path` is cut at 95 characters.
struct recorded_mistake {
    mistake what = mistake::none;
    fault refused = fault::none;  // of a layer's values; then nothing but the path is known
    std::array<char, 96> path{};
    std::int32_t path_size = 0;
    std::int32_t first_line = 0, line = 0;  // of the user's source; 0: not known
    dims first, again;
};

/// Up to `Most` items by value.
template <class T, int Most = 4>
struct bag {
    std::array<T, Most> items{};
    std::int32_t size = 0;

    constexpr void put(const T& item) { items[static_cast<std::size_t>(size++)] = item; }
};

struct float_range {
    const float* first = nullptr;
    std::int32_t size = 0;
};

/// The values of the operands a layer brings along that are not learned, in their order; empty for parameters.
using given_values = std::array<float_range, 4>;
inline constexpr given_values nothing_given{};

class recorder {
public:
    constexpr recorder() = default;
    constexpr explicit recorder(const graph_arrays& arrays) : to_(arrays) {}

    constexpr const extent_of_graph& size() const { return size_; }
    constexpr const recorded_mistake& mistaken() const { return mistaken_; }
    /// Whether nodes were refused because there are too many.
    constexpr bool overflown() const { return overflown_; }

    /// A tensor the caller brings; `index` < 0 for the only one.
    constexpr std::int32_t input(std::int32_t index, const dims& shape) {
        const std::int32_t begin = size_.text;
        write("input");
        if (index >= 0) write_number(index, digits(index));
        return add(op::input, shape, {begin, size_.text - begin});
    }

    /// A layer on `x` with what it brings along. `refused`: what is wrong with its attributes.
    constexpr std::int32_t layer(op kind, const attribute_words& attributes, const dims& shape, std::int32_t x,
                                 const bag<operand>& brought, const given_values& given, fault refused = fault::none) {
        const place at = scopes_.next(kind);
        if (refused != fault::none && sound()) {
            mistaken_.refused = refused;
            keep_path(kind, at);
        }
        std::int32_t operands[5] = {x};
        text_range path{0, 0};
        for (std::int32_t i = 0; i < brought.size; ++i) {
            const operand& described = brought.items[static_cast<std::size_t>(i)];
            const std::int32_t begin = size_.text;
            operands[i + 1] = bring(kind, at, described, given[static_cast<std::size_t>(i)]);
            if (size_.text > begin) path = {begin, at.path};  // the operand's name starts with the layer's
        }
        return add_layer(kind, at, path, attributes, shape, operands, brought.size + 1);
    }

    /// A layer whose operands are all recorded already.
    constexpr std::int32_t layer(op kind, const attribute_words& attributes, const dims& shape,
                                 const std::int32_t* operands, std::int32_t count) {
        return add_layer(kind, scopes_.next(kind), {0, 0}, attributes, shape, operands, count);
    }

    /// Values that are part of the network and no layer's: "constant1".
    constexpr std::int32_t constant(const dims& shape, const float_range& values) {
        return bring(op::constant, scopes_.next(op::constant), {role::weight, shape, 1}, values);
    }

    constexpr void output(std::string_view name, std::int32_t id) {
        const std::int32_t begin = size_.text;
        write(name);
        if (to_.outputs) to_.outputs[size_.outputs] = {{begin, size_.text - begin}, id};
        ++size_.outputs;
    }

    constexpr void enter(std::string_view name, bool shared, bool is_layer, std::int32_t line) {
        const std::int32_t before = scopes_.child(scopes_.current(), name);
        const std::int32_t first_line = before < 0 ? 0 : scopes_[before].line;
        if (!scopes_.enter(name, shared, is_layer, line) && sound()) {
            mistaken_.what = mistake::name_used_twice;
            mistaken_.first_line = first_line;
            mistaken_.line = line;
            keep_path(scopes_.current());
        }
    }
    constexpr void leave() { scopes_.leave(); }

private:
    /// A parameter or given filter inside a shared scope, to be found at the next entry.
    struct shareable {
        op layer = op::input;
        place at;
        operand described;
        std::int32_t first_value = 0, values = 0;
        std::int32_t id = 0;
    };

    constexpr bool sound() const { return mistaken_.what == mistake::none && mistaken_.refused == fault::none; }

    constexpr std::int32_t add(op kind, const dims& shape, text_range name) {
        if (size_.nodes >= KILN_MAX_NODES) {
            overflown_ = true;
            if (sound()) mistaken_.what = mistake::too_many_nodes;
            return 0;
        }
        if (to_.nodes) {
            node& added = to_.nodes[size_.nodes];
            added.kind = kind;
            added.shape = shape;
            added.name = name;
        }
        return size_.nodes++;
    }

    constexpr std::int32_t add_layer(op kind, const place& at, text_range path, const attribute_words& attributes,
                                     const dims& shape, const std::int32_t* operands, std::int32_t count) {
        const std::int32_t uses = scopes_[at.scope].uses;
        if (path.size == 0 || uses > 1) {
            path.begin = size_.text;
            write_path(kind, at);
            if (uses > 1) {  // the layer is another one, only its weights are the same
                write(":");
                write_number(uses, digits(uses));
            }
            path.size = size_.text - path.begin;
        }
        const std::int32_t id = add(kind, shape, path);
        if (to_.nodes) {
            node& added = to_.nodes[id];
            added.attributes = attributes;
            added.first_operand = size_.edges;
            added.operands = count;
            for (std::int32_t i = 0; i < count; ++i) to_.edges[size_.edges + i] = operands[i];
        }
        size_.edges += count;
        return id;
    }

    /// A parameter, or with `values` a constant; in a shared scope the one that is there already.
    constexpr std::int32_t bring(op layer, const place& at, const operand& described, const float_range& values) {
        const bool reusable = scopes_[at.scope].reusable;
        if (reusable)
            if (const std::int32_t id = find(layer, at, described, values); id >= 0) return id;
        const std::int32_t begin = size_.text;
        write_path(layer, at);
        if (layer != op::constant) write(operand_suffixes[static_cast<std::size_t>(described.kind)]);
        const bool learned = values.size == 0;
        const std::int32_t id =
            add(learned ? op::parameter : op::constant, described.shape, {begin, size_.text - begin});
        if (to_.nodes) {
            if (learned)
                to_.nodes[id].attributes = pack(parameter_attributes{described.kind, described.fan_in});
            else
                to_.nodes[id].first_value = size_.values;
            for (std::int32_t i = 0; i < values.size; ++i) to_.values[size_.values + i] = values.first[i];
        }
        size_.values += values.size;
        if (reusable) remember(layer, at, described, values, id);
        return id;
    }

    constexpr std::int32_t find(op layer, const place& at, const operand& described, const float_range& values) {
        for (std::int32_t i = 0; i < shareable_.size(); ++i) {
            const shareable& known = shareable_[i];
            if (known.layer != layer || !(known.at == at) || known.described.kind != described.kind) continue;
            bool same = known.described.shape == described.shape && known.values == values.size;
            for (std::int32_t v = 0; same && v < known.values; ++v)
                same = shared_values_[known.first_value + v] == values.first[v];
            if (!same && sound()) {
                mistaken_.what = mistake::name_of_two_shapes;
                mistaken_.first = known.described.shape;
                mistaken_.again = described.shape;
                keep_path(at.scope);
            }
            return known.id;
        }
        return -1;
    }

    constexpr void remember(op layer, const place& at, const operand& described, const float_range& values,
                            std::int32_t id) {
        const std::int32_t first = shared_values_.size();
        for (std::int32_t i = 0; i < values.size; ++i) shared_values_.push(values.first[i]);
        shareable_.push({layer, at, described, first, values.size, id});
    }

    constexpr void write(std::string_view text) {
        if (to_.text) {
            char* to = to_.text + size_.text;
#ifdef __clang__  // one step of its budget instead of one for each character; g++ cannot evaluate it
            __builtin_memcpy(to, text.data(), text.size());
#else
            for (const char c : text) *to++ = c;
#endif
        }
        size_.text += static_cast<std::int32_t>(text.size());
    }
    constexpr void write_number(std::int32_t number, std::int32_t width) {
        size_.text += width;
        if (to_.text)
            for (std::int32_t i = 1; i <= width; ++i, number /= 10)
                to_.text[size_.text - i] = static_cast<char>('0' + number % 10);
    }
    constexpr void write_scope(std::int32_t id) {
        if (scopes_[id].parent < 0) return;
        write_scope(scopes_[id].parent);
        write(scopes_[id].name);
        write(".");
    }
    constexpr void write_path(op kind, const place& at) {
        if (!to_.text) {
            size_.text += at.path;
            return;
        }
        write_scope(at.scope);
        if (at.ordinal == 0) {
            --size_.text;  // the dot: the layer is the scope
            return;
        }
        write(name_of(kind));
        write_number(at.ordinal, digits(at.ordinal));
    }

    constexpr void keep_path(std::int32_t id) {
        if (scopes_[id].parent > 0) {
            keep_path(scopes_[id].parent);
            keep('.');
        }
        for (const char c : scopes_[id].name) keep(c);
    }
    constexpr void keep_path(op kind, const place& at) {
        if (scopes_[at.scope].parent >= 0) keep_path(at.scope);
        if (at.ordinal == 0) return;
        if (mistaken_.path_size > 0) keep('.');
        for (const char c : name_of(kind)) keep(c);
        std::int32_t unit = 1;
        for (std::int32_t i = 1; i < digits(at.ordinal); ++i) unit *= 10;
        for (; unit > 0; unit /= 10) keep(static_cast<char>('0' + at.ordinal / unit % 10));
    }
    constexpr void keep(char c) {
        if (mistaken_.path_size < 95) mistaken_.path[static_cast<std::size_t>(mistaken_.path_size++)] = c;
    }

    graph_arrays to_;
    extent_of_graph size_;
    recorded_mistake mistaken_;
    bool overflown_ = false;
    scope_tree scopes_;
    growing<shareable> shareable_;
    growing<float> shared_values_;
};

}  // namespace kiln::dsl
