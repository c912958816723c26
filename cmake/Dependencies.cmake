# What fsc stands on: Debian's shared LLVM and MLIR 22, its static lld and protobuf libraries, and the ONNX C++ library that
# tools/dev/build-onnx put into .deps.
set(FSC_LLVM_ROOT /usr/lib/llvm-22 CACHE PATH "Root of the LLVM 22 installation")
find_package(LLVM 22.1 REQUIRED CONFIG PATHS ${FSC_LLVM_ROOT}/lib/cmake/llvm NO_DEFAULT_PATH)
find_package(MLIR REQUIRED CONFIG PATHS ${FSC_LLVM_ROOT}/lib/cmake/mlir NO_DEFAULT_PATH)
find_package(LLD REQUIRED CONFIG PATHS ${FSC_LLVM_ROOT}/lib/cmake/lld NO_DEFAULT_PATH)

set(CMAKE_THREAD_PREFER_PTHREAD ON)
find_package(Threads REQUIRED)

# Everything that uses LLVM or MLIR links this one target.
add_library(fscLLVM INTERFACE)
target_include_directories(fscLLVM SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
separate_arguments(FSC_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_options(fscLLVM INTERFACE ${FSC_LLVM_DEFINITIONS})
target_link_libraries(fscLLVM INTERFACE MLIR LLVM)

set(FSC_ONNX_VERSION 1.23.2)
set(FSC_ONNX_ROOT ${PROJECT_SOURCE_DIR}/.deps/onnx-${FSC_ONNX_VERSION} CACHE PATH "Where tools/dev/build-onnx installed ONNX")
if(NOT EXISTS ${FSC_ONNX_ROOT}/lib/libonnx.a)
  message(FATAL_ERROR "expected the ONNX C++ library in ${FSC_ONNX_ROOT}: run ./dev setup (or tools/dev/build-onnx)")
endif()
set(Protobuf_USE_STATIC_LIBS ON)
find_package(Protobuf 3.21 REQUIRED MODULE)
# Debian's static library is no position-independent code: a target that is loaded at run time sets FSC_SHARED_PROTOBUF.
find_library(FSC_PROTOBUF_SHARED libprotobuf.so REQUIRED)
add_library(onnx::onnx STATIC IMPORTED)
set_target_properties(onnx::onnx PROPERTIES
  IMPORTED_LOCATION ${FSC_ONNX_ROOT}/lib/libonnx.a
  INTERFACE_COMPILE_DEFINITIONS "ONNX_ML=1;ONNX_NAMESPACE=onnx;__STDC_FORMAT_MACROS"
  INTERFACE_INCLUDE_DIRECTORIES ${FSC_ONNX_ROOT}/include
  INTERFACE_LINK_LIBRARIES
    "$<IF:$<BOOL:$<TARGET_PROPERTY:FSC_SHARED_PROTOBUF>>,${FSC_PROTOBUF_SHARED},protobuf::libprotobuf>")
