//===- Codegen.h - LLVM IR to machine code ----------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_EMIT_CODEGEN_H
#define FSC_COMPILER_EMIT_CODEGEN_H

#include "compiler/emit/Emit.h"

#include "llvm/IR/Module.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>

namespace fsc::emit {

/// The machine that `options` describe; each thread needs its own. Refuses an unknown triple or CPU.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine(const CodegenOptions &options);

/// Optimises `module`, whose functions get the attributes of the machine and of the optimisation level first. Their
/// linkage and visibility must be final.
llvm::Error optimize(llvm::Module &module, llvm::TargetMachine &machine, int optLevel);

/// Writes `module`, as an object or as assembly.
llvm::Error generate(llvm::Module &module, llvm::TargetMachine &machine, llvm::CodeGenFileType type,
                     llvm::raw_pwrite_stream &stream);

} // namespace fsc::emit

#endif // FSC_COMPILER_EMIT_CODEGEN_H
