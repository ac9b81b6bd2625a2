// ResNet-50 alone: see examples/networks/resnet.hpp.
#include <kiln/examples/networks/resnet.hpp>

static_assert(kiln::network<resnets::resnet50, resnets::photo>::parameters == 25'557'032);

KILN_EXPORT(resnets::resnet50, resnets::photo);
