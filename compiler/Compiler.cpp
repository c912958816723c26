//===- Compiler.cpp - From a model to an artefact -------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Compiler.h"

#include "compiler/Describe.h"
#include "compiler/import/onnx/CustomOps.h"
#include "compiler/import/onnx/Import.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/xxhash.h"

#include <chrono>
#include <sys/resource.h>
#include <thread>

using namespace mlir;

namespace fsc {

llvm::StringRef getVersion() { return "0.1.0"; }

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

int64_t peakBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t(usage.ru_maxrss) * 1024;
}

/// The target that the options name; null, with a diagnostic, if there is none.
std::unique_ptr<Target> findTarget(MLIRContext &context, const CompileOptions &options) {
  registerAllTargets();
  std::string message;
  std::unique_ptr<Target> target = createTarget(options.target, message);
  if (!target)
    emitCoded(Code::unknownTarget, UnknownLoc::get(&context), message);
  return target;
}

class Compilation {
public:
  Compilation(MLIRContext &context, const CompileRequest &request, CompileReport &report)
      : context(context), request(request), report(report),
        recorder(&context, [this](Diagnostic &diagnostic) { return record(diagnostic); }) {
    report.model = request.input;
    report.target = request.options.target;
    report.output = request.output;
  }

  void run() {
    double start = now();
    report.status = runPhases();
    if (report.status == CompileStatus::refused && hasDefect)
      report.status = CompileStatus::internal;
    // No one is told "no" without a reason.
    if (report.status != CompileStatus::ok && llvm::all_of(report.problems, [](auto &p) { return p.isWarning; }))
      emitCoded(Code::internalError, UnknownLoc::get(&context), "compilation failed for no reason that was given");
    report.seconds = now() - start;
  }

private:
  CompileStatus runPhases() {
    target = findTarget(context, request.options);
    if (!target)
      return CompileStatus::usage;
    CompileStatus status = request.startFrom ? parse() : import();
    for (Phase phase = next(request.startFrom.value_or(Phase::import));
         status == CompileStatus::ok && phase != Phase::emit && phase <= request.stopAfter; phase = next(phase))
      status = runPhase(phase);
    if (status == CompileStatus::ok)
      status = request.stopAfter == Phase::emit ? emit() : print();
    return status;
  }

  /// Gives what has no code of its own that of the phase, keeps it for the report, and passes it on.
  LogicalResult record(Diagnostic &diagnostic) {
    DiagnosticSeverity severity = diagnostic.getSeverity();
    if (severity != DiagnosticSeverity::Error && severity != DiagnosticSeverity::Warning)
      return failure();
    if (!getCode(diagnostic))
      setCode(diagnostic, otherwise);
    report.problems.push_back(makeProblem(diagnostic));
    hasDefect |= report.problems.back().code == Code::internalError;
    return failure();
  }

  static Phase next(Phase phase) { return Phase(int(phase) + 1); }

  /// Times what `work` does as a phase.
  template <typename Work> auto timed(Phase phase, Work work) {
    if (request.onPhase)
      request.onPhase(phase);
    double start = now();
    auto result = work();
    report.phases.push_back({phaseName(phase).str(), now() - start, peakBytes()});
    return result;
  }

  CompileStatus import() {
    CustomOps customOps;
    if (llvm::Error error = customOps.load(request.options.customOps)) {
      emitCoded(Code::customLibrary, UnknownLoc::get(&context), toString(std::move(error)));
      return CompileStatus::refused;
    }
    ImportOptions options = getImportOptions(request.options);
    options.customOps = &customOps;
    otherwise = Code::mismatch;
    return timed(Phase::import, [&] {
      auto read = request.inputBytes ? readModel(&context, request.input, *request.inputBytes, options.limits)
                                     : readModel(&context, request.input, options.limits);
      if (failed(read))
        return CompileStatus::refused;
      model = std::move(*read);
      auto imported = importModel(&context, *model, options);
      if (failed(imported))
        return CompileStatus::refused;
      module = std::move(*imported);
      return CompileStatus::ok;
    });
  }

  CompileStatus parse() {
    otherwise = Code::invalidIR;
    module = parseSourceFile<ModuleOp>(request.input, ParserConfig(&context));
    if (!module || failed(verifyContract(*request.startFrom, *module)))
      return CompileStatus::refused;
    if (request.startFrom != Phase::lower)
      return CompileStatus::ok;
    FailureOr<Description> kept = keptDescription(*module);
    if (failed(kept))
      return CompileStatus::refused;
    description = std::move(*kept);
    return CompileStatus::ok;
  }

  CompileStatus runPhase(Phase phase) {
    // What a model's own numbers make illegal shows in shape inference; everything else is ours.
    otherwise = phase == Phase::simplify ? Code::mismatch : Code::internalError;
    return timed(phase, [&] {
      if (phase == Phase::lower)
        description = describe(*module);
      OwningOpRef<ModuleOp> before =
          request.reproducer.empty() ? OwningOpRef<ModuleOp>() : OwningOpRef<ModuleOp>(module->clone());
      PassManager manager(&context);
      manager.enableVerifier(request.options.verifyPhases);
      bool linalg = phase == Phase::lower && request.stopAtLinalg;
      if (linalg)
        addKernelsToLinalg(manager, *target, request.options.optLevel);
      else
        addPhase(phase, manager, *target, request.options.optLevel);
      bool fine = succeeded(manager.run(*module));
      otherwise = Code::internalError;
      if (fine && request.options.verifyPhases && !linalg)
        fine = succeeded(verifyContract(phase, *module));
      if (fine)
        return CompileStatus::ok;
      if (phase == Phase::simplify && !hasDefect)
        return CompileStatus::refused;
      writeReproducer(*before, phase);
      return CompileStatus::internal;
    });
  }

  void writeReproducer(ModuleOp before, Phase phase) {
    if (!before)
      return;
    std::string message;
    auto file = openOutputFile(request.reproducer, &message);
    if (!file)
      return;
    before->print(file->os(), OpPrintingFlags().elideLargeElementsAttrs(64));
    file->keep();
    emitCoded(Code::internalError, UnknownLoc::get(&context),
              "internal error in phase " + phaseName(phase) + "; to replay it: fsc-opt '" + request.reproducer +
                  "' '--fsc-phase-" + phaseName(phase) + "=target=" + request.options.target +
                  " opt-level=" + Twine(request.options.optLevel) + "'");
  }

  CompileStatus print() {
    std::string message;
    auto file = openOutputFile(request.output.empty() ? "-" : request.output, &message);
    if (!file) {
      emitCoded(Code::cannotWrite, UnknownLoc::get(&context), message);
      return CompileStatus::refused;
    }
    if (request.stopAfter == Phase::lower && !request.stopAtLinalg)
      keepDescription(*module, description);
    module->print(file->os());
    file->os() << "\n";
    file->keep();
    return CompileStatus::ok;
  }

  CompileStatus emit() {
    otherwise = Code::internalError;
    return timed(Phase::emit, [&] {
      CodegenOptions codegen = target->getCodegen(request.options.optLevel);
      codegen.threads =
          request.options.threads ? request.options.threads : std::max(1u, std::thread::hardware_concurrency());
      codegen.launcher = request.launcher;
      ArtifactSpec &spec = description.spec;
      spec.target = target->getName().str();
      spec.provenance = provenance();
      spec.weightsMode = request.options.weights;
      spec.scratchBytes = scratchBytes(*module);
      fillReport();
      bool internal = true;
      if (failed(emitArtifact(*module, spec, codegen, request.kind, request.output, &internal)))
        return internal ? CompileStatus::internal : CompileStatus::refused;
      uint64_t size = 0;
      if (!llvm::sys::fs::file_size(request.output, size))
        report.artifactBytes = int64_t(size);
      return CompileStatus::ok;
    });
  }

  /// What the artefact was made from and how; the same for the same model and options.
  std::string provenance() {
    uint64_t hash = 0;
    if (request.inputBytes)
      hash = llvm::xxh3_64bits(*request.inputBytes);
    else if (auto file = llvm::MemoryBuffer::getFile(request.input, /*IsText=*/false, /*RequiresNullTerminator=*/false))
      hash = llvm::xxh3_64bits((*file)->getBuffer());
    std::string text;
    llvm::raw_string_ostream os(text);
    os << "{\"compiler\": \"fsc " << getVersion() << "\", \"model\": \"" << llvm::utohexstr(hash, true, 16)
       << "\", \"target\": \"" << request.options.target << "\", \"opt_level\": " << request.options.optLevel << "}";
    return text;
  }

  void fillReport() {
    const ArtifactSpec &spec = description.spec;
    report.kernels = spec.kernels;
    report.schedules = description.schedules;
    report.launches = description.launches;
    report.arenaBytes = spec.arenaBytes;
    report.scratchBytes = spec.scratchBytes;
    report.weightsBytes = spec.weightsBytes;
  }

  MLIRContext &context;
  const CompileRequest &request;
  CompileReport &report;
  Code otherwise = Code::internalError; // of an error without a code
  bool hasDefect = false;
  ScopedDiagnosticHandler recorder;
  std::unique_ptr<Target> target;
  std::unique_ptr<OnnxModel> model; // outlives the module, which refers to its weights
  OwningOpRef<ModuleOp> module;
  Description description;
};

} // namespace

ImportOptions getImportOptions(const CompileOptions &options) {
  ImportOptions result;
  for (const auto &binding : options.bindings)
    result.bindings[binding.getKey().str()] = binding.getValue();
  for (const auto &range : options.ranges)
    result.ranges[range.getKey().str()] = {range.getValue().least, range.getValue().most};
  result.channelBlock = options.channelBlock;
  result.strict = options.strict;
  result.limits = options.limits;
  return result;
}

CompileStatus compile(MLIRContext &context, const CompileRequest &request, CompileReport &report) {
  Compilation(context, request, report).run();
  return report.status;
}

CompileStatus printPipeline(MLIRContext &context, const CompileOptions &options, llvm::raw_ostream &os) {
  std::unique_ptr<Target> target = findTarget(context, options);
  if (!target)
    return CompileStatus::usage;
  for (const PhaseInfo &info : getPhases()) {
    os << info.name << ": " << info.summary << "\n  holds: " << info.contract << "\n";
    if (info.phase == Phase::import || info.phase == Phase::emit)
      continue;
    PassManager manager(&context);
    addPhase(info.phase, manager, *target, options.optLevel);
    os << "  passes: ";
    manager.printAsTextualPipeline(os);
    os << "\n";
  }
  return CompileStatus::ok;
}

} // namespace fsc
