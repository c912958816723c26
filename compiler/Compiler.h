//===- Compiler.h - From a model to an artefact -----------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_COMPILER_H
#define FSC_COMPILER_COMPILER_H

#include "compiler/Diagnostics.h"
#include "compiler/Options.h"
#include "compiler/Pipeline.h"
#include "mlir/IR/OwningOpRef.h"

#include <functional>
#include <optional>

namespace fsc {

/// How a compilation ended; the tools' exit codes.
enum class CompileStatus { ok = 0, usage = 2, refused = 3, internal = 4 };

struct PhaseTime {
  std::string name;
  double seconds = 0;
  int64_t peakBytes = 0; // of the whole process, at the end of the phase
};

struct CompileReport {
  std::string model, target, output;
  CompileStatus status = CompileStatus::ok;
  std::vector<Problem> problems; // all that was reported
  std::vector<PhaseTime> phases;
  std::vector<KernelInfo> kernels;
  std::vector<std::string> schedules; // one for each kernel
  int64_t launches = 0, arenaBytes = 0, scratchBytes = 0, weightsBytes = 0, artifactBytes = 0;
  double seconds = 0;
};

struct CompileRequest {
  std::string input; // .onnx, or IR that a phase left
  /// The .onnx itself, if it is in memory; `input` is then its name in messages alone.
  std::optional<llvm::StringRef> inputBytes;
  std::string output;
  OutputKind kind = OutputKind::sharedObject;
  /// The input is IR that this phase left; by default it is a model.
  std::optional<Phase> startFrom;
  /// Ends after this phase and prints the IR to `output`; emit: goes on to the artefact.
  Phase stopAfter = Phase::emit;
  /// Print kernels as linalg instead of going on to LLVM.
  bool stopAtLinalg = false;
  /// Where to leave the IR that a defect of the compiler fails on; "" for nowhere.
  std::string reproducer;
  /// The program that runs the appended artefact, for OutputKind::executable.
  std::string launcher;
  CompileOptions options;
  /// Called as each phase begins.
  std::function<void(Phase)> onPhase;
};

/// What the options say to the importer.
struct ImportOptions;
ImportOptions getImportOptions(const CompileOptions &options);

/// Compiles; diagnostics, each with its code, go to `context`. Fills `report` as far as it gets.
CompileStatus compile(mlir::MLIRContext &context, const CompileRequest &request, CompileReport &report);

/// Each phase as text: what it does, what holds after it, its passes. tools/dev/gen-pipeline-doc reads it. Fails, with
/// a diagnostic, if there is no such target.
CompileStatus printPipeline(mlir::MLIRContext &context, const CompileOptions &options, llvm::raw_ostream &os);

/// The report as JSON.
void printReport(const CompileReport &report, llvm::raw_ostream &os);

/// The version of this compiler.
llvm::StringRef getVersion();

} // namespace fsc

#endif // FSC_COMPILER_COMPILER_H
