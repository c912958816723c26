//===- Descriptor.h - The artefact's table about itself ---------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_EMIT_DESCRIPTOR_H
#define FSC_COMPILER_EMIT_DESCRIPTOR_H

#include "compiler/emit/Emit.h"

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

namespace fsc::emit {

/// The side file of external weights; no name where there is none.
struct SideFile {
  std::string name;
  uint64_t hash = 0;
};

/// Adds to `module`, which defines fsc_run and has its final data layout, the symbol that the runtime looks for.
llvm::Error addDescriptor(llvm::Module &module, const ArtifactSpec &spec, const CodegenOptions &options,
                          const SideFile &sideFile);

/// The global that stands for the embedded weights, made if there is none; nullptr on a clash of names.
llvm::GlobalVariable *weightsGlobal(llvm::Module &module, int64_t bytes);

} // namespace fsc::emit

#endif // FSC_COMPILER_EMIT_DESCRIPTOR_H
