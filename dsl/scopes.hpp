// The names of a network while it is recorded: a tree of scopes with ordinals per operator.
//
// A layer without a name of its own is called after its operator and its ordinal in the scope ("conv2"); scopes join
// by dots ("stage1.conv2"). A shared scope starts counting anew at every entry, so the same layers get the same paths,
// and with them the same parameters. Paths are compared as (scope, operator, ordinal), which is exact: two scopes of
// one parent never have the same name.
#pragma once

#include <kiln/dsl/growing.hpp>
#include <kiln/dsl/rule.hpp>

#include <string_view>

namespace kiln::dsl {

struct scope {
    std::int32_t parent = -1, first_child = -1, next_sibling = -1;
    std::string_view name;
    bool shared = false;             // may be entered again
    bool is_layer = false;           // holds one layer, which takes the scope's own path
    bool reusable = false;           // shared, or inside a scope that is
    std::int32_t line = 0;           // of the user's source, for diagnostics
    std::int32_t prefix = 0;         // characters of the path, with the dot before what is inside
    std::int32_t entry = 0;          // a number unique to the latest entry
    std::int32_t parent_entry = -1;  // the parent's entry during which this scope was entered last
    std::int32_t uses = 1;           // how often the innermost shared scope around was entered
    std::array<std::int32_t, operator_count> ordinal{}, highest{};
};

/// Where a layer stands: in `scope`, as the `ordinal`-th of its operator, or (0) as the scope itself. `path` counts the
/// characters of its path.
struct place {
    std::int32_t scope = 0, ordinal = 0, path = 0;
    friend constexpr bool operator==(const place&, const place&) = default;
};

constexpr std::int32_t digits(std::int32_t number) {
    std::int32_t count = 1;
    for (; number >= 10; number /= 10) ++count;
    return count;
}

/// Whether `name` reads like the name given automatically to operator `kind`'s layer of some ordinal: that ordinal,
/// else 0.
constexpr std::int32_t automatic_ordinal(std::string_view name, op kind) {
    const std::string_view stem = name_of(kind);
    if (!name.starts_with(stem) || name.size() == stem.size() || name.size() > stem.size() + 6) return 0;
    std::int32_t ordinal = 0;
    for (const char c : name.substr(stem.size())) {
        if (c < '0' || c > '9' || (ordinal == 0 && c == '0')) return 0;
        ordinal = 10 * ordinal + (c - '0');
    }
    return ordinal;
}

class scope_tree {
public:
    constexpr scope_tree() { scopes_.push({}); }

    constexpr std::int32_t current() const { return current_; }
    constexpr const scope& operator[](std::int32_t id) const { return scopes_[id]; }

    constexpr std::int32_t child(std::int32_t parent, std::string_view name) const {
        std::int32_t id = scopes_[parent].first_child;
        while (id >= 0 && scopes_[id].name != name) id = scopes_[id].next_sibling;
        return id;
    }

    /// Enters `name` below the current scope. Returns false, having entered it all the same, when the name is taken.
    constexpr bool enter(std::string_view name, bool shared, bool is_layer, std::int32_t line) {
        const scope& around = scopes_[current_];
        const std::int32_t around_entry = around.entry;
        std::int32_t id = child(current_, name);
        bool fresh = true;
        if (id >= 0) {
            fresh = shared ? scopes_[id].shared : !scopes_[id].shared && scopes_[id].parent_entry != around_entry;
        } else {
            fresh = !taken_by_layer(around, name);
            id = add(name, shared, is_layer, line);
        }
        scope& entered = scopes_[id];
        entered.ordinal = {};
        entered.entry = ++entries_;
        entered.parent_entry = around_entry;
        entered.uses = shared ? entered.uses + 1 : scopes_[current_].uses;
        current_ = id;
        return fresh;
    }
    constexpr void leave() { current_ = scopes_[current_].parent; }

    /// The place of the next layer of operator `kind` in the current scope.
    constexpr place next(op kind) {
        scope& here = scopes_[current_];
        if (here.is_layer) return {current_, 0, here.prefix - 1};
        std::int32_t& ordinal = here.ordinal[static_cast<std::size_t>(kind)];
        ++ordinal;
        for (std::int32_t id = here.first_child; id >= 0;) {  // a name the user gave is skipped
            if (automatic_ordinal(scopes_[id].name, kind) == ordinal) {
                ++ordinal;
                id = here.first_child;
            } else {
                id = scopes_[id].next_sibling;
            }
        }
        std::int32_t& highest = here.highest[static_cast<std::size_t>(kind)];
        if (ordinal > highest) highest = ordinal;
        return {current_, ordinal, here.prefix + static_cast<std::int32_t>(name_of(kind).size()) + digits(ordinal)};
    }

private:
    static constexpr bool taken_by_layer(const scope& around, std::string_view name) {
        for (int kind = 0; kind < operator_count; ++kind) {
            const std::int32_t ordinal = automatic_ordinal(name, static_cast<op>(kind));
            if (ordinal > 0 && ordinal <= around.highest[static_cast<std::size_t>(kind)]) return true;
        }
        return false;
    }

    constexpr std::int32_t add(std::string_view name, bool shared, bool is_layer, std::int32_t line) {
        scope added;
        added.parent = current_;
        added.next_sibling = scopes_[current_].first_child;
        added.name = name;
        added.shared = shared;
        added.is_layer = is_layer;
        added.reusable = shared || scopes_[current_].reusable;
        added.line = line;
        added.prefix = scopes_[current_].prefix + static_cast<std::int32_t>(name.size()) + 1;
        added.uses = shared ? 0 : 1;
        const std::int32_t id = scopes_.push(added);
        scopes_[current_].first_child = id;
        return id;
    }

    growing<scope> scopes_;
    std::int32_t current_ = 0, entries_ = 0;
};

}  // namespace kiln::dsl
