# kiln_add_model(NAME [SOURCE net.cpp] [MODEL name] [WEIGHTS file] [SEED number] [TARGET target] [FUNCTION_NAME name]
#                [BATCH number] [THREADS number] [WEIGHTS_AS embedded|file])
#
# Compiles a network to a library target NAME, whose header NAME.h is then found by what links it:
#
#   kiln_add_model(digits SOURCE lenet5.cpp WEIGHTS lenet5.safetensors)
#   target_link_libraries(program PRIVATE digits)      # #include "digits.h", digits_run(...)
#
# SOURCE is a DSL source or an ONNX model; MODEL is which of a source's networks, needed when it has several. Without
# SOURCE, MODEL names a network that ships with Kiln. TARGET is in Halide's words, "host" by default; FUNCTION_NAME, the
# prefix of the functions, is NAME by default; THREADS is how many the arena has room for. The library is rebuilt when
# the source, a file it includes, the weights or Kiln change. With WEIGHTS_AS file, the weights are the target's property KILN_WEIGHTS_FILE.
find_package(Threads REQUIRED)

function(kiln_add_model name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SOURCE;MODEL;WEIGHTS;SEED;TARGET;FUNCTION_NAME;BATCH;THREADS;WEIGHTS_AS" "")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "kiln_add_model(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_SOURCE AND NOT arg_MODEL)
    message(FATAL_ERROR "kiln_add_model(${name}): say SOURCE file.cpp, or MODEL and the name of a shipped network")
  endif()
  if(NOT arg_FUNCTION_NAME)
    string(MAKE_C_IDENTIFIER ${name} arg_FUNCTION_NAME)
  endif()

  set(folder ${CMAKE_CURRENT_BINARY_DIR}/kiln/${name})
  file(MAKE_DIRECTORY ${folder})
  set(object ${folder}/${name}.o)
  set(outputs ${object} ${folder}/${name}.h)
  set(depends Kiln::kiln)
  set(options --function-name ${arg_FUNCTION_NAME} --emit object,header)

  set(model ${arg_MODEL})
  if(arg_SOURCE)
    get_filename_component(model ${arg_SOURCE} ABSOLUTE)
    list(APPEND depends ${model})
    if(arg_MODEL)
      string(APPEND model ":${arg_MODEL}")
    endif()
  elseif(TARGET kiln_networks)
    list(APPEND depends kiln_networks)
  endif()
  if(arg_WEIGHTS)
    get_filename_component(weights ${arg_WEIGHTS} ABSOLUTE)
    list(APPEND options --weights ${weights})
    list(APPEND depends ${weights})
  endif()
  foreach(option SEED TARGET BATCH THREADS WEIGHTS_AS)
    if(DEFINED arg_${option})
      string(TOLOWER ${option} spelled)
      string(REPLACE "_" "-" spelled ${spelled})
      list(APPEND options --${spelled} ${arg_${option}})
    endif()
  endforeach()
  if(arg_WEIGHTS_AS STREQUAL "file")
    list(APPEND outputs ${folder}/${name}.weights)
  endif()

  # The source is built by this project's compiler, unless that one makes code for another machine.
  set(command $<TARGET_FILE:Kiln::kiln>)
  if(CMAKE_CXX_COMPILER AND NOT CMAKE_CROSSCOMPILING)
    set(command ${CMAKE_COMMAND} -E env KILN_CXX=${CMAKE_CXX_COMPILER} $<TARGET_FILE:Kiln::kiln>)
  endif()
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND ${command} compile ${model} -o ${object} ${options} --depfile ${object}.d
    DEPENDS ${depends}
    DEPFILE ${object}.d
    COMMENT "Compiling network ${name}"
    VERBATIM)

  set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  add_library(${name} STATIC ${outputs})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
  target_include_directories(${name} INTERFACE ${folder})
  target_link_libraries(${name} INTERFACE Threads::Threads m)
  if(arg_WEIGHTS_AS STREQUAL "file")
    set_target_properties(${name} PROPERTIES KILN_WEIGHTS_FILE ${folder}/${name}.weights)
  endif()
endfunction()
