# How a room (dialects, passes, compiler, runtime, tools) becomes a target.

add_library(fscBuild INTERFACE) # the flags of all our own code
target_include_directories(fscBuild INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(fscBuild INTERFACE -fPIC -Wall -Wextra -Wno-unused-parameter -fdiagnostics-color=auto)
if(FSC_SANITIZE)
  set(FSC_SANITIZE_FLAGS -fsanitize=${FSC_SANITIZE} -fno-sanitize=vptr,function -fno-omit-frame-pointer)
  if(FSC_SANITIZE MATCHES address)
    list(APPEND FSC_SANITIZE_FLAGS -fsanitize=fuzzer-no-link) # libFuzzer sees where an input went: one build serves both
  endif()
  target_compile_options(fscBuild INTERFACE ${FSC_SANITIZE_FLAGS})
  target_link_options(fscBuild INTERFACE -fsanitize=${FSC_SANITIZE})
endif()

# Source files below the current folder, found again whenever one is added or removed.
function(fsc_glob OUT)
  set(PATTERNS)
  foreach(FOLDER ${ARGN})
    list(APPEND PATTERNS ${CMAKE_CURRENT_SOURCE_DIR}/${FOLDER}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/${FOLDER}/*.c)
  endforeach()
  file(GLOB_RECURSE SOURCES CONFIGURE_DEPENDS ${PATTERNS})
  set(${OUT} ${SOURCES} PARENT_SCOPE)
endfunction()

# A static library of one room of the compiler.
function(fsc_add_room NAME)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  if(NOT ROOM_SOURCES)
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${NAME}Empty.cpp "// The room has no source yet.\n")
    set(ROOM_SOURCES ${CMAKE_CURRENT_BINARY_DIR}/${NAME}Empty.cpp)
  endif()
  add_library(${NAME} STATIC ${ROOM_SOURCES})
  target_link_libraries(${NAME} PUBLIC ${ROOM_LINK} fscLLVM fscBuild)
  if(ROOM_DEPENDS)
    add_dependencies(${NAME} ${ROOM_DEPENDS})
  endif()
  fsc_use_pch(${NAME})
endfunction()

# The headers that most of the compiler includes, precompiled: a typical pass then compiles in 2 s instead of 9 s. There are three files, each on
# top of the last: the headers of MLIR, our dialect with the families of ops that are no operators of ONNX, and, for the importer, the headers of
# ONNX. A source file still includes what it uses.
set(FSC_PCH_mlir mlir/IR/Builders.h
  algorithm functional map memory optional string unordered_map vector
  mlir/Dialect/Arith/IR/Arith.h
  mlir/Dialect/Bufferization/IR/Bufferization.h
  mlir/Dialect/Func/IR/FuncOps.h
  mlir/Dialect/LLVMIR/LLVMDialect.h
  mlir/Dialect/Linalg/IR/Linalg.h
  mlir/Dialect/Math/IR/Math.h
  mlir/Dialect/MemRef/IR/MemRef.h
  mlir/Dialect/SCF/IR/SCF.h
  mlir/Dialect/Tensor/IR/Tensor.h
  mlir/Dialect/Vector/IR/VectorOps.h
  mlir/IR/BuiltinOps.h
  mlir/IR/DialectResourceBlobManager.h
  mlir/IR/Matchers.h
  mlir/IR/PatternMatch.h
  mlir/Pass/PassManager.h
  mlir/Transforms/DialectConversion.h
  mlir/Transforms/GreedyPatternRewriteDriver.h)
set(FSC_PCH_dialect dialects/fsc/FscDialect.h
  dialects/fsc/ops/Control.h
  dialects/fsc/ops/Host.h
  dialects/fsc/ops/Kernel.h)
set(FSC_PCH_onnx onnx/onnx_pb.h onnx/defs/schema.h)

# A precompiled header names our folders by their whole paths, so ccache may neither keep it for another clone nor tell by its bytes what is
# compiled with it: tools/dev/precompile makes it afresh and writes a checksum of what it was made from, which ccache takes instead.
function(fsc_precompile NAME)
  cmake_parse_arguments(PCH "" "ON;DEPENDS" "FLAGS" ${ARGN})
  string(TOUPPER "${CMAKE_BUILD_TYPE}" CONFIG)
  separate_arguments(FLAGS NATIVE_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${CONFIG}} ${LLVM_DEFINITIONS}")
  list(APPEND FLAGS ${FSC_SANITIZE_FLAGS})
  set(INPUT)
  if(PCH_ON)
    set(INPUT -include-pch pch/${PCH_ON}.pch)
  endif()
  list(POP_FRONT FSC_PCH_${NAME} FIRST)
  file(WRITE ${PROJECT_BINARY_DIR}/pch/${NAME}.h.new "#include \"${FIRST}\"\n")
  foreach(HEADER ${FSC_PCH_${NAME}})
    file(APPEND ${PROJECT_BINARY_DIR}/pch/${NAME}.h.new "#include \"${HEADER}\"\n")
  endforeach()
  file(COPY_FILE ${PROJECT_BINARY_DIR}/pch/${NAME}.h.new ${PROJECT_BINARY_DIR}/pch/${NAME}.h ONLY_IF_DIFFERENT)
  add_custom_command(
    OUTPUT ${PROJECT_BINARY_DIR}/pch/${NAME}.pch
    COMMAND ${Python_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/dev/precompile pch/${NAME}.pch
            ${CMAKE_CXX_COMPILER} ${FLAGS} ${PCH_FLAGS} -std=c++20 -fPIC -isystem ${LLVM_INCLUDE_DIRS}
            ${INPUT} -fpch-instantiate-templates -Xclang -fno-pch-timestamp -Wno-deprecated-declarations
            -MD -MF pch/${NAME}.pch.d -MT pch/${NAME}.pch -x c++-header pch/${NAME}.h -o pch/${NAME}.pch
    DEPENDS ${PROJECT_BINARY_DIR}/pch/${NAME}.h ${PROJECT_SOURCE_DIR}/tools/dev/precompile $<$<BOOL:${PCH_ON}>:${PROJECT_BINARY_DIR}/pch/${PCH_ON}.pch> ${PCH_DEPENDS}
    DEPFILE ${PROJECT_BINARY_DIR}/pch/${NAME}.pch.d
    WORKING_DIRECTORY ${PROJECT_BINARY_DIR}
    COMMENT "Precompiling the headers pch/${NAME}.h"
    COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(fscPch-${NAME} DEPENDS ${PROJECT_BINARY_DIR}/pch/${NAME}.pch)
endfunction()
if(FSC_PCH)
  file(RELATIVE_PATH FSC_ROOT_FROM_BUILD ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR})
  file(RELATIVE_PATH FSC_ONNX_FROM_BUILD ${PROJECT_BINARY_DIR} ${FSC_ONNX_ROOT}/include)
  get_target_property(FSC_ONNX_DEFINITIONS onnx::onnx INTERFACE_COMPILE_DEFINITIONS)
  list(TRANSFORM FSC_ONNX_DEFINITIONS PREPEND -D)
  fsc_precompile(mlir)
  fsc_precompile(dialect ON mlir DEPENDS fscDialectGen FLAGS -I${FSC_ROOT_FROM_BUILD} -I.)
  fsc_precompile(onnx ON dialect FLAGS -I${FSC_ROOT_FROM_BUILD} -I. ${FSC_ONNX_DEFINITIONS} -isystem ${FSC_ONNX_FROM_BUILD})
endif()

# Compiles the C++ sources of a target with precompiled headers. (libstdc++ switches a warning off around its own use of what it deprecates; a
# precompiled header loses that.)
function(fsc_use_pch NAME)
  if(NOT FSC_PCH)
    return()
  endif()
  target_compile_options(${NAME} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp -Wno-deprecated-declarations>)
  get_target_property(SOURCES ${NAME} SOURCES)
  foreach(SOURCE ${SOURCES})
    set(PCH dialect)
    if(SOURCE MATCHES "/import/onnx/")
      set(PCH onnx)
    endif()
    add_dependencies(${NAME} fscPch-${PCH})
    if(SOURCE MATCHES "\\.cpp$")
      set_source_files_properties(${SOURCE} PROPERTIES OBJECT_DEPENDS ${PROJECT_BINARY_DIR}/pch/${PCH}.pch
        COMPILE_OPTIONS "-include-pch;${PROJECT_BINARY_DIR}/pch/${PCH}.pch")
    endif()
  endforeach()
endfunction()

# Runs mlir-tblgen: fsc_tablegen(file.td out.inc -gen-x [-more]) adds out.inc to the list FSC_TABLEGEN_OUTPUTS of the calling folder.
function(fsc_tablegen TD OUT)
  set(DEPFILE ${CMAKE_CURRENT_BINARY_DIR}/${OUT}.d)
  add_custom_command(
    OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${OUT}
    COMMAND ${FSC_LLVM_ROOT}/bin/mlir-tblgen ${ARGN} -I ${PROJECT_SOURCE_DIR} -I ${FSC_LLVM_ROOT}/include -d ${DEPFILE}
            --write-if-changed -o ${CMAKE_CURRENT_BINARY_DIR}/${OUT} ${CMAKE_CURRENT_SOURCE_DIR}/${TD}
    DEPFILE ${DEPFILE}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${TD}
    COMMENT "Generating ${OUT} from ${TD}"
    VERBATIM)
  set(FSC_TABLEGEN_OUTPUTS ${FSC_TABLEGEN_OUTPUTS} ${CMAKE_CURRENT_BINARY_DIR}/${OUT} PARENT_SCOPE)
endfunction()
