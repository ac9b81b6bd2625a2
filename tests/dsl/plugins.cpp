// Plug-ins as the compiler loads them: each has its own list, whatever else the process holds.
#include <dlfcn.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <kiln/dsl/graph_view.hpp>

namespace {

std::vector<std::string> exported_by(const std::string& object) {
    void* handle = dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) FAIL(dlerror());
    const auto entry = reinterpret_cast<const kiln::graph_view* const* (*)(int*)>(dlsym(handle, "kiln_plugin_graphs"));
    const bool has_entry = entry != nullptr;
    REQUIRE(has_entry);
    int count = 0;
    const kiln::graph_view* const* graphs = entry(&count);
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) {
        CHECK(graphs[i]->version == kiln::graph_view_version);
        CHECK(graphs[i]->node_bytes == sizeof(kiln::node));
        CHECK(graphs[i]->node_count > 0);
        names.push_back(graphs[i]->name);
    }
    dlclose(handle);
    std::sort(names.begin(), names.end());
    return names;
}

using list = std::vector<std::string>;

TEST_CASE("every source that ships exports its networks under their names") {
    const std::string folder = KILN_NETWORKS "/";
    CHECK(exported_by(folder + "edges.so") == list{"edges", "edges_512"});
    CHECK(exported_by(folder + "inception.so") == list{"inception"});
    CHECK(exported_by(folder + "lenet5.so") == list{"lenet5", "lenet5_cost"});
    CHECK(exported_by(folder + "plain_residual.so") == list{"plain20", "plain20_cost", "plain44_cost", "plain56",
                                                            "residual20", "residual20_cost", "residual44_cost",
                                                            "residual56"});
    CHECK(exported_by(folder + "resnet.so") == list{"resnet101", "resnet152", "resnet18", "resnet34", "resnet50"});
    CHECK(exported_by(folder + "resnet50.so") == list{"resnet50"});
    CHECK(exported_by(folder + "volume.so") == list{"volume"});
}

TEST_CASE("a plug-in of several sources has one list") {
    CHECK(exported_by(KILN_PAIR_PLUGIN) == list{"alone", "other"});
}

TEST_CASE("plug-ins do not see each other's networks, loaded one after the other or together") {
    void* first = dlopen(KILN_PAIR_PLUGIN, RTLD_NOW | RTLD_GLOBAL);
    REQUIRE(first != nullptr);
    CHECK(exported_by(KILN_ALONE_PLUGIN) == list{"alone"});
    CHECK(exported_by(KILN_ALONE_PLUGIN) == list{"alone"});
    dlclose(first);
}

}  // namespace
