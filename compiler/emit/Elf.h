//===- Elf.h - Writes ELF files that no code generator makes ----*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two inputs of the link hold no code: the weights, which are too large to be
// LLVM constants, and stubs that stand for the C library at link time.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_EMIT_ELF_H
#define FSC_COMPILER_EMIT_ELF_H

#include "compiler/emit/Emit.h"
#include "compiler/emit/Files.h"

namespace fsc::emit {

/// The symbol at the weights' first byte.
inline constexpr char weightsSymbol[] = "fsc_weights";

/// Checks that the pieces lie within the weights.
llvm::Error checkWeights(const ArtifactSpec &spec);

/// A relocatable object for ELF machine `machine` with the one page-aligned section `.fsc.weights` and the hidden
/// symbol fsc_weights. It holds the weights and lies on the disk of `path`.
llvm::Expected<ScratchFile> writeWeightsObject(const ArtifactSpec &spec, uint16_t machine, llvm::StringRef path);

/// The same without contents: what takes part in the link of a shared object, so that the linker need not copy the
/// weights.
llvm::Expected<ScratchFile> writeWeightsPlaceholder(const ArtifactSpec &spec, uint16_t machine);

/// Puts the weights into the shared object `path`, which was linked from a placeholder: at its end, as a read-only
/// segment. `name` is for messages.
llvm::Error attachWeights(const ArtifactSpec &spec, llvm::StringRef path, llvm::StringRef name);

/// What the linker must see of shared library `soname`: its name, and that it defines `symbols`. Without versions, so
/// that at run time every version of the library will do.
llvm::Expected<ScratchFile> writeLibraryStub(llvm::StringRef soname, llvm::ArrayRef<std::string> symbols,
                                             uint16_t machine);

} // namespace fsc::emit

#endif // FSC_COMPILER_EMIT_ELF_H
