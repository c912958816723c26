//===- Emit.h - From LLVM dialect to artefact -------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The last phase: a module in the LLVM dialect becomes one file that the
// runtime loads. Kernels are compiled in parallel, the weights become a section
// (or a side file), a table describes the model, and lld, inside this process,
// links the whole: the user's machine needs no tool chain.
//
// The bytes depend on the arguments alone, not on the number of threads.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_EMIT_EMIT_H
#define FSC_COMPILER_EMIT_EMIT_H

#include "mlir/IR/BuiltinOps.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fsc {

/// Where the weights go: into the artefact, or into `<output>.weights` beside it.
enum class WeightsMode { embedded, external };

enum class OutputKind {
  llvm,         ///< one optimised LLVM IR module, as text
  assembly,     ///< one assembly file
  object,       ///< one relocatable object, with the weights
  sharedObject, ///< what the runtime loads
  executable    ///< a launcher with the shared object appended: runs by itself
};

struct SignatureDim {
  int64_t size = -1;   ///< -1 where dynamic
  int64_t symbol = -1; ///< index into ArtifactSpec::symbols, or -1
};

/// One input or output of the model.
struct SignatureValue {
  std::string name;
  int32_t dtype = 0;    ///< ONNX TensorProto.DataType, or FSC_ABI_SEQUENCE and its like
  bool anyRank = false; ///< of what a list is of: it may have any dims
  std::vector<SignatureDim> dims;
  std::vector<SignatureValue> elements; ///< what a sequence or optional is of, or the keys and values of a map
};

struct KernelInfo {
  std::string name;     ///< unique in the module
  std::string location; ///< the ONNX nodes it computes, comma separated
  std::string anchor;
  double flops = 0, bytes = 0; ///< per run; 0 where unknown
};

/// A routine that the code asks the runtime for.
struct RoutineInfo {
  std::string name;    ///< by which it asks
  std::string node;    ///< the first ONNX node that needs it, for messages
  std::string library; ///< of a custom operator: the file name of its library; else ""
};

/// Bytes of the weights; they are zero where no piece lies.
struct WeightPiece {
  int64_t offset = 0;
  llvm::ArrayRef<char> data;
};

/// All that the artefact says about the model.
struct ArtifactSpec {
  std::string name, target, provenance;
  std::vector<SignatureValue> inputs, outputs;
  std::vector<std::string> symbols;
  std::vector<std::pair<int64_t, int64_t>> ranges; ///< of the symbols: the least and the most; none if all are free
  std::vector<std::string> strings;                ///< of constants: their numbers are their places from 1 on
  std::vector<KernelInfo> kernels;
  std::vector<RoutineInfo> routines; ///< all different
  int64_t arenaBytes = 0, scratchBytes = 0, weightsBytes = 0;
  std::vector<WeightPiece> weights;
  WeightsMode weightsMode = WeightsMode::embedded;
};

struct CodegenOptions {
  std::string triple;                        ///< "x86_64-linux-gnu", "aarch64-linux-gnu"
  std::string cpu;                           ///< LLVM's name: "x86-64-v3"; also the name of the code's level
  std::string features;                      ///< LLVM's feature string: "+avx512f,+fma"
  std::vector<std::string> requiredFeatures; ///< what the runtime checks before it runs the code
  int optLevel = 2;                          ///< 0: reference (no vectorisation, no fused multiply-add) .. 3
  unsigned threads = 1;                      ///< to compile with
  std::string launcher; ///< for OutputKind::executable: the program that runs the appended artefact
};

/// Writes the artefact to `path` (for text kinds "-" is the standard output). `module` holds `llvm.func @fsc_run(ptr)
/// -> i32`, that declares the kernels, and nested modules that define them; all is in the LLVM dialect, and it is not
/// changed but for the attributes that name data layout and triple. A reference to the weights is to the global
/// `fsc_weights`, which exists with WeightsMode::embedded alone.
///
/// The file appears whole or not at all. Failures are reported on the module: what the user can mend ("cannot write
/// ...") as it is, what only a defect of the compiler can cause with the prefix "internal error: "; `internal`, if
/// given, says which of the two it was.
llvm::LogicalResult emitArtifact(mlir::ModuleOp module, const ArtifactSpec &spec, const CodegenOptions &options,
                                 OutputKind kind, llvm::StringRef path, bool *internal = nullptr);

} // namespace fsc

#endif // FSC_COMPILER_EMIT_EMIT_H
