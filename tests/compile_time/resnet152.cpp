// ResNet-152: 514 layers, 1,292 nodes.
#include <kiln/examples/networks/resnet.hpp>

static_assert(kiln::network<resnets::resnet152, resnets::photo>::parameters == 60'192'808);

KILN_EXPORT(resnets::resnet152, resnets::photo);
