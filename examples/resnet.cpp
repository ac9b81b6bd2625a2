// Residual networks of 18 to 152 layers: see examples/networks/resnet.hpp.
#include <kiln/examples/networks/resnet.hpp>

using namespace resnets;

static_assert(network<resnet18, photo>::parameters == 11'689'512);
static_assert(network<resnet34, photo>::parameters == 21'797'672);
static_assert(network<resnet50, photo>::parameters == 25'557'032);
static_assert(network<resnet101, photo>::parameters == 44'549'160);
static_assert(network<resnet152, photo>::parameters == 60'192'808);

KILN_EXPORT(resnet18, photo);
KILN_EXPORT(resnet34, photo);
KILN_EXPORT(resnet50, photo);
KILN_EXPORT(resnet101, photo);
KILN_EXPORT(resnet152, photo);
