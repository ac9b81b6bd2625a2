#include "cases.hpp"

namespace kiln::testing {

// Of dense, grouped and depthwise convolutions of rank 1 to 3 and of dense layers (rank 0), from whole tensors and from
// activations whose batch is merged, one of which a convolution reads too.
ir::graph random_filter_gradient(dice& d, int batch) {
    graph_builder b("filter_gradient", batch);
    const int rank = d.roll(0, 3);
    const int groups = d.chance(60) ? 1 : d.one_of({2, 3, 4});
    const bool depthwise = d.chance(25);
    const int channels = depthwise ? random_channels(d) : groups * d.roll(1, groups > 1 ? 9 : 40);
    dims sample = rank > 0 ? random_sample(d, rank, channels) : dims::of(channels);
    ops::conv::attributes a;
    a.groups = depthwise ? channels : groups;
    a.filters = depthwise ? channels * d.roll(1, 2) : groups * d.roll(1, groups > 1 ? 20 : 70);
    a.slide = random_window(d, sample);
    a.flip = d.chance(15);
    const bool merged = d.chance(60);
    const auto x = merged ? b.input(sample) : b.whole_input(prepend(d.roll(1, 5), sample));
    const auto with_samples = [&](int node) {
        return merged ? b.apply(op::merge_batch, ops::merge_batch::attributes{batch}, {node}) : node;
    };
    const dims all = b.sample(with_samples(x));
    const dims of_window =
        rank > 0 ? ops::slide(sample, a.slide, a.filters).shape : dims::of(a.filters);  // one sample's output
    int dy = 0;
    if (merged && rank > 0 && d.chance(50))
        dy = with_samples(b.relu(b.conv(x, a)));
    else
        dy = d.chance(50) && merged ? with_samples(b.input(of_window)) : b.whole_input(prepend(all[0], of_window));
    const auto y = b.apply(op::filter_gradient, a, {with_samples(x), dy});
    return b.finish(d.chance(30) ? b.relu(y) : y);
}

}  // namespace kiln::testing
