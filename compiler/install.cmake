# What `cmake --install` puts where, and the package other projects find with find_package(Kiln).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(kiln_networks_folder ${CMAKE_INSTALL_LIBDIR}/kiln/networks)
set(kiln_package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Kiln)

# The compiler library finds DSL headers and shipped networks relative to the program it is in; for programs elsewhere
# that link it, it knows the prefix.
set_property(SOURCE frontend/installation.cpp APPEND PROPERTY COMPILE_DEFINITIONS
  KILN_PREFIX="${CMAKE_INSTALL_PREFIX}" KILN_NETWORKS_IN_PREFIX="${kiln_networks_folder}"
  KILN_MODULES_IN_PREFIX="${CMAKE_INSTALL_LIBDIR}/kiln")
# The compiler that built Kiln also builds DSL sources, with Boost from where Kiln has it.
find_package(Boost 1.74 REQUIRED)
string(REPLACE ";" " " kiln_host_includes "${Boost_INCLUDE_DIRS}")
if(kiln_host_includes STREQUAL "/usr/include")
  set(kiln_host_includes "")
endif()
set_property(SOURCE frontend/host_compiler.cpp APPEND PROPERTY COMPILE_DEFINITIONS
  KILN_HOST_COMPILER="${CMAKE_CXX_COMPILER}" KILN_HOST_INCLUDES="${kiln_host_includes}")

# In this tree models are added with the same function as in other projects.
add_executable(Kiln::kiln ALIAS kiln)
include(${CMAKE_CURRENT_SOURCE_DIR}/cmake/KilnAddModel.cmake)

set_target_properties(kiln_dsl PROPERTIES EXPORT_NAME dsl)
set_target_properties(kiln_runtime PROPERTIES EXPORT_NAME runtime)
set_target_properties(kiln_schedules PROPERTIES EXPORT_NAME schedules)
set_target_properties(kiln_compiler PROPERTIES EXPORT_NAME compiler)
install(TARGETS kiln kiln_compiler kiln_schedules kiln_runtime kiln_dsl EXPORT kiln_targets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT kiln_targets NAMESPACE Kiln:: FILE KilnTargets.cmake DESTINATION ${kiln_package_folder})

if(TARGET kiln_mpi)
  install(TARGETS kiln_mpi LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/kiln)
endif()

set(headers ${CMAKE_INSTALL_INCLUDEDIR}/kiln)
foreach(room dsl runtime)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${room} DESTINATION ${headers}
    FILES_MATCHING PATTERN *.hpp PATTERN *.def)
endforeach()
# kiln.hpp and all that it includes.
foreach(header aligned_block.hpp array.hpp compile.hpp differentiate.hpp extents.hpp kiln.hpp weights.hpp build/build_kernels.hpp
        emit/emit.hpp frontend/load_model.hpp ir/cost_table.hpp ir/from_view.hpp ir/graph.hpp ir/print.hpp ir/verify.hpp
        load/jit.hpp plan/make_plan.hpp plan/options.hpp plan/plan.hpp train/batch_share.hpp train/options.hpp train/trainer.hpp tune/record_source.hpp)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${header} DESTINATION ${headers}/compiler/${folder})
endforeach()
foreach(header family.hpp kernel.hpp machine.hpp scratch.hpp)
  install(FILES ${PROJECT_SOURCE_DIR}/schedules/${header} DESTINATION ${headers}/schedules)
endforeach()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/schedules/tuned DESTINATION ${headers}/schedules FILES_MATCHING PATTERN *.json)

configure_package_config_file(cmake/KilnConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/KilnConfig.cmake
  INSTALL_DESTINATION ${kiln_package_folder})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/KilnConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/KilnConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/KilnConfigVersion.cmake
  cmake/KilnAddModel.cmake DESTINATION ${kiln_package_folder})
