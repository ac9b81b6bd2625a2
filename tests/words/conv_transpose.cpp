// Transposed convolution by its definition: every pixel adds its multiple of the filter to the output.
#include "through.hpp"

using namespace kiln;
using namespace kiln::literals;
using namespace kiln::testing;

namespace {

struct axis_setting {
    std::int64_t window = 1, stride = 1, dilation = 1, before = 0, after = 0, extra = 0;
};

/// `axes`: one setting for each spatial axis. `groups` of channels.
template <const auto& Net, class Input>
void check_scatter(const std::vector<axis_setting>& axes, std::int64_t groups = 1, bool with_bias = true) {
    const outcome o = through<Net, Input>();
    const tensor &x = o.inputs[0], &w = o.weight("conv1.weight");
    std::vector<std::int64_t> shape{2};
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const axis_setting& a = axes[i];
        shape.push_back((x.shape[i + 1] - 1) * a.stride + (a.window - 1) * a.dilation + 1 - a.before - a.after +
                        a.extra);
    }
    const std::int64_t filters = w.shape.back(), each = x.shape.back() / groups;
    shape.push_back(filters);
    std::vector<double> sums(zeros(shape, element::float32).size());
    filled(x.shape, [&](const place& p) {
        // Of channel c the filters of its group.
        const std::int64_t channel = p.back(), group = channel / each;
        std::vector<std::int64_t> cells(w.shape.begin(), w.shape.end() - 2);
        cells.push_back(filters / groups);
        filled(cells, [&](const place& k) {
            place to{p[0]}, of_weight;
            for (std::size_t i = 0; i < axes.size(); ++i) {
                to.push_back(p[i + 1] * axes[i].stride + k[i] * axes[i].dilation - axes[i].before);
                if (to.back() < 0 || to.back() >= shape[i + 1]) return 0.0;
                of_weight.push_back(k[i]);
            }
            const std::int64_t filter = group * (filters / groups) + k.back();
            to.push_back(filter);
            of_weight.insert(of_weight.end(), {channel % each, filter});
            std::int64_t index = 0;
            for (std::size_t axis = 0; axis < to.size(); ++axis) index = index * shape[axis] + to[axis];
            sums[static_cast<std::size_t>(index)] += element_at(x, p) * element_at(w, of_weight);
            return 0.0;
        });
        return 0.0;
    });
    std::size_t next = 0;
    CHECK(difference(o.output, filled(shape, [&](const place& at) {
                         const double bias =
                             with_bias ? o.weight("conv1.bias").values[static_cast<std::size_t>(at.back())] : 0.0F;
                         return sums[next++] + bias;
                     })) < 1e-5);
}

}  // namespace

TEST_CASE("the course's example: 2x2 through a 3x3 filter, stride 2, padding 1, makes 4x4") {
    static constexpr auto net = [](auto x) {
        return x | conv_transpose(1_c, 3_c, stride(2_c), pad(1_c), output_padding(1_c), no_bias);
    };
    ir::graph g = ir::from_view(network<net, shape<2, 2, 1>>::view());
    for (ir::node& n : g.nodes)
        if (n.kind == op::parameter)
            n.value = std::make_shared<const tensor>(tensor{{3, 3, 1, 1}, {1, 2, 1, 2, 0, 1, 0, 2, 1}});
    const compiler::model m(compiler::compile_graph(g, {}));
    CHECK(m({{{1, 2, 2, 1}, {2, 1, 3, 2}}}).at(0).values ==
          std::vector<float>{0, 4, 0, 1, 10, 7, 6, 3, 0, 7, 0, 2, 6, 3, 4, 2});
}

TEST_CASE("one, two and three axes, with every option") {
    static constexpr auto signal = [](auto x) { return x | conv_transpose(5_c, 4_c, stride(3_c), pad_before(2_c)); };
    check_scatter<signal, shape<7, 3>>({{4, 3, 1, 2, 0, 0}});
    static constexpr auto image = [](auto x) {
        return x | conv_transpose(4_c, window(3_c, 2_c), stride(2_c, 1_c), dilation(1_c, 2_c), pad(1_c, 0_c),
                                  output_padding(1_c, 0_c), groups(2_c), no_bias);
    };
    check_scatter<image, shape<5, 4, 6>>({{3, 2, 1, 1, 1, 1}, {2, 1, 2, 0, 0, 0}}, 2, false);
    static constexpr auto volume = [](auto x) { return x | conv_transpose(3_c, 2_c, stride(2_c)); };
    check_scatter<volume, shape<3, 2, 4, 2>>({{2, 2}, {2, 2}, {2, 2}});
    static constexpr auto dense_pixels = [](auto x) { return x | conv_transpose(3_c, 3_c); };
    check_scatter<dense_pixels, shape<4, 4, 2>>({{3}, {3}});
}

TEST_CASE("same makes stride times as many pixels; padding may take pixels away") {
    static constexpr auto tripled = [](auto x) { return x | conv_transpose(2_c, 4_c, stride(3_c), same); };
    check_scatter<tripled, shape<5, 5, 3>>({{4, 3, 1, 0, 1, 0}, {4, 3, 1, 0, 1, 0}});
    static constexpr auto sparse = [](auto x) { return x | conv_transpose(2_c, 1_c, stride(3_c), same); };
    check_scatter<sparse, shape<4, 3>>({{1, 3, 1, 0, -2, 0}});
    static constexpr auto cut = [](auto x) { return x | conv_transpose(2_c, 2_c, pad(2_c)); };
    check_scatter<cut, shape<6, 5, 3>>({{2, 1, 1, 2, 2, 0}, {2, 1, 1, 2, 2, 0}});
}
