# How a room (dialects, passes, compiler, runtime, tools) becomes a target.

add_library(fscBuild INTERFACE) # the flags of all our own code
target_include_directories(fscBuild INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(fscBuild INTERFACE -fPIC -Wall -Wextra -Wno-unused-parameter -fdiagnostics-color=auto)
if(FSC_SANITIZE)
  set(FSC_SANITIZE_FLAGS -fsanitize=${FSC_SANITIZE} -fno-sanitize=vptr,function -fno-omit-frame-pointer)
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

# A static library of one room of the compiler. Its targets share one precompiled header, made once by the first of them.
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

# The headers that most of the compiler includes, precompiled: a typical pass then compiles in 0.5 s instead of 5 s. They are MLIR's only,
# never ours, so that editing one of ours rebuilds what includes it and no more. A source file still includes what it uses.
set(FSC_PCH_HEADERS
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

# CMake's own precompiled headers name a file in the build folder, which ccache could not share between clones. This one names headers of
# the system alone and carries no time, so two clones make the same bytes and what is compiled with it is found in the cache.
if(FSC_PCH)
  set(FSC_PCH_FILE ${PROJECT_BINARY_DIR}/pch/mlir.pch)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" CONFIG)
  separate_arguments(FLAGS NATIVE_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${CONFIG}} ${LLVM_DEFINITIONS}")
  if(FSC_SANITIZE)
    list(APPEND FLAGS ${FSC_SANITIZE_FLAGS})
  endif()
  list(TRANSFORM FSC_PCH_HEADERS PREPEND "-include;" OUTPUT_VARIABLE INCLUDES)
  add_custom_command(
    OUTPUT ${FSC_PCH_FILE}
    COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${CMAKE_CXX_COMPILER} ${FLAGS} -std=c++20 -fPIC -isystem ${LLVM_INCLUDE_DIRS} ${INCLUDES}
            -fpch-instantiate-templates -Xclang -fno-pch-timestamp -MD -MF ${FSC_PCH_FILE}.d -MT pch/mlir.pch
            -x c++-header ${LLVM_INCLUDE_DIRS}/mlir/IR/Builders.h -o ${FSC_PCH_FILE}
    DEPFILE ${FSC_PCH_FILE}.d
    COMMENT "Precompiling the MLIR headers"
    COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(fscPch DEPENDS ${FSC_PCH_FILE})
endif()

# (libstdc++ switches a warning off around its own use of what it deprecates; a precompiled header loses that.)
function(fsc_use_pch NAME)
  if(FSC_PCH)
    add_dependencies(${NAME} fscPch)
    target_compile_options(${NAME} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:SHELL:-include-pch ${FSC_PCH_FILE} -Xclang -fno-pch-timestamp -Wno-deprecated-declarations>)
    get_target_property(SOURCES ${NAME} SOURCES)
    set_source_files_properties(${SOURCES} PROPERTIES OBJECT_DEPENDS ${FSC_PCH_FILE})
  endif()
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
