// What each pass makes of a small network that has something for every pass: golden/PASS.txt holds the graph before
// and after. KILN_UPDATE_GOLDEN=1 writes the files anew; read the difference before believing it.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <kiln/compiler/ir/print.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/compiler/passes/pipeline.hpp>
#include <kiln/tests/graph_builder.hpp>

using namespace kiln;
using namespace kiln::testing;

namespace {

/// The course's LeNet in miniature, written carelessly.
ir::graph careless_network() {
    graph_builder b("careless");
    const auto image = b.input(dims::of(8, 8, 1));
    auto x = b.conv(image, {.filters = 4, .slide = square(3)}, false);
    b.sigmoid(x);  // nobody reads this
    x = b.relu(b.batch_norm(b.concat({x})));
    x = b.max_pool(x, square(2, 2, 2));
    x = b.batch_norm(b.dense(b.flatten(x), 5));
    ir::graph g = b.finish({{"scores", b.softmax(x)}});
    bind_random(g, 4);
    return g;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("every pass makes of the small network what its golden file says, and keeps what it computes") {
    ir::graph g = careless_network();
    const std::vector<tensor> inputs = random_inputs(g, 1);
    const tensor expected = compiler::run_reference(g, inputs).at(0);
    for (const passes::pass& p : passes::pipeline()) {
        CAPTURE(p.name);
        std::string text = "before " + std::string(p.name) + "\n\n" + ir::print(g);
        g = p.run(std::move(g));
        text += "\nafter\n\n" + ir::print(g);
        const auto path = std::filesystem::path(KILN_GOLDEN_FOLDER) / (std::string(p.name) + ".txt");
        if (std::getenv("KILN_UPDATE_GOLDEN")) std::ofstream(path) << text;
        CHECK(text == read_file(path));

        const tensor found = compiler::run_reference(g, inputs).at(0);
        REQUIRE(found.shape == expected.shape);
        for (std::size_t i = 0; i < found.values.size(); ++i)
            CHECK(found.values[i] == doctest::Approx(expected.values[i]).epsilon(1e-5));
    }
}

TEST_CASE("every golden file belongs to a pass") {
    for (const auto& entry : std::filesystem::directory_iterator(KILN_GOLDEN_FOLDER))
        CHECK_NOTHROW(passes::pass_named(entry.path().stem().string()));
}
