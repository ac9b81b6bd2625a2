// ResNet-18 and what it learns from, on 64x64 images: for training.py.
#include <kiln/examples/networks/resnet.hpp>

using namespace resnets;

inline constexpr auto resnet18_cost = [](auto image, auto label) {
    auto logits = image | resnet18;
    return outputs("cost"_n = cross_entropy(logits, label), "logits"_n = logits);
};

KILN_EXPORT(resnet18_cost, shape<64, 64, 3>, shape<1>);
