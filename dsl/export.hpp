// KILN_EXPORT(lenet5, shape<28, 28, 1>): hands a network to the Kiln compiler.
//
// The source is built as a plug-in, a shared object with hidden visibility and without unique symbols
// (-shared -fPIC -fvisibility=hidden -fno-gnu-unique where the compiler has it), which links nothing but the C++
// library. Its one visible symbol is the entry point
//
//   extern "C" const kiln::graph_view* const* kiln_plugin_graphs(int* count);
//
// which returns the exported graphs in the order of their KILN_EXPORT lines and writes how many there are; the array
// and all that the views point to live as long as the plug-in stays loaded. A reader checks `version` and `node_bytes`
// of every view before anything else. Names may repeat (one network for several shapes): the reader tells them apart
// by shape. In an ordinary program the same file is harmless: the networks join the program's own list.
#pragma once

#include <kiln/dsl/network.hpp>

#include <string_view>
#include <vector>

namespace kiln::dsl {

/// The graphs of this program or shared object; hidden, so that each has its own.
__attribute__((visibility("hidden"))) inline std::vector<const graph_view*>& exported_graphs() {
    static std::vector<const graph_view*> graphs;
    return graphs;
}

/// The part of a spelling after its last "::".
constexpr const char* unqualified(const char* spelling) {
    const char* name = spelling;
    for (const char* c = spelling; *c != '\0'; ++c)
        if (*c == ':') name = c + 1;
    return name;
}

struct exporter {
    explicit exporter(const graph_view& graph) {
        if (graph.node_count > 0) exported_graphs().push_back(&graph);  // an empty one was refused
    }
};

}  // namespace kiln::dsl

extern "C" {
__attribute__((visibility("default"), used)) inline const kiln::graph_view* const* kiln_plugin_graphs(int* count) {
    const auto& graphs = kiln::dsl::exported_graphs();
    *count = static_cast<int>(graphs.size());
    return graphs.data();
}
}

#define KILN_JOIN_(a, b) a##b
#define KILN_JOIN(a, b) KILN_JOIN_(a, b)

#define KILN_EXPORT_AT(id, spelling, net, ...)                                                              \
    namespace {                                                                                             \
    constexpr ::kiln::graph_view KILN_JOIN(kiln_graph_, id) =                                               \
        ::kiln::dsl::network<net, __VA_ARGS__>::view(::kiln::dsl::unqualified(spelling));                   \
    [[maybe_unused]] const ::kiln::dsl::exporter KILN_JOIN(kiln_exporter_, id){KILN_JOIN(kiln_graph_, id)}; \
    }                                                                                                       \
    static_assert(true)

/// Exports `net` for inputs of these shapes, under its own name.
#define KILN_EXPORT(net, ...) KILN_EXPORT_AT(__COUNTER__, #net, net, __VA_ARGS__)

/// The same under another name, such as "edges_512".
#define KILN_EXPORT_AS(name, net, ...) KILN_EXPORT_AT(__COUNTER__, name, net, __VA_ARGS__)
