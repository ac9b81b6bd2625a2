#include <kiln/dsl/dsl.hpp>
