//===- Codegen.cpp - LLVM IR to machine code ------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/Codegen.h"

#include "compiler/emit/Files.h"

#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Operator.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetOptions.h"

#include <mutex>

using namespace llvm;
using namespace fsc;
using namespace fsc::emit;

static void initializeTargets() {
  static std::once_flag once;
  std::call_once(once, [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
  });
}

Expected<std::unique_ptr<TargetMachine>> fsc::emit::createTargetMachine(const CodegenOptions &options) {
  initializeTargets();
  Triple triple(Triple::normalize(options.triple));
  if (!triple.isOSBinFormatELF() || !triple.isArch64Bit() || !triple.isLittleEndian())
    return createStringError("expected a triple of a 64-bit, little-endian ELF system, got '" + options.triple + "'");
  std::string reason;
  const Target *target = TargetRegistry::lookupTarget(triple, reason);
  if (!target || !target->hasTargetMachine())
    return createStringError("expected a triple that LLVM can compile for, got '" + options.triple + "'");
  std::unique_ptr<MCSubtargetInfo> info(target->createMCSubtargetInfo(triple, "", ""));
  if (!options.cpu.empty() && !info->isCPUStringValid(options.cpu))
    return createStringError("expected a CPU of " + triple.getArchName() + ", got '" + options.cpu + "'");

  TargetOptions targetOptions;
  targetOptions.FunctionSections = true; // so that the linker can drop and fold functions one by one
  targetOptions.DataSections = true;
  targetOptions.AllowFPOpFusion = options.optLevel > 0 ? FPOpFusion::Fast : FPOpFusion::Strict;
  CodeGenOptLevel level = options.optLevel >= 3 ? CodeGenOptLevel::Aggressive : CodeGenOptLevel::Default;
  std::unique_ptr<TargetMachine> machine(target->createTargetMachine(triple, options.cpu, options.features,
                                                                     targetOptions, Reloc::PIC_, std::nullopt, level));
  if (!machine)
    return internalError("LLVM makes no machine for '" + options.triple + "'");
  return machine;
}

/// The attributes that tell the optimiser and the code generator about the machine.
static void setAttributes(Function &function, TargetMachine &machine) {
  if (function.isIntrinsic())
    return;
  function.addFnAttr(Attribute::NoUnwind);
  if (function.isDeclaration()) {
    // Every symbol is bound when the artefact is loaded: no need for lazy binding's detour.
    if (!function.hasHiddenVisibility())
      function.addFnAttr(Attribute::NonLazyBind);
    return;
  }
  if (!machine.getTargetCPU().empty())
    function.addFnAttr("target-cpu", machine.getTargetCPU());
  if (!machine.getTargetFeatureString().empty())
    function.addFnAttr("target-features", machine.getTargetFeatureString());
  // LLVM's models of many CPUs prefer 256 bits, out of care for code that is not numeric.
  if (machine.getTargetTriple().isX86() && machine.getMCSubtargetInfo()->checkFeatures("+avx512f") &&
      !function.hasFnAttribute("prefer-vector-width"))
    function.addFnAttr("prefer-vector-width", "512");
}

static void allowContraction(Function &function) {
  for (Instruction &instruction : instructions(function))
    if (isa<FPMathOperator>(instruction))
      instruction.setHasAllowContract(true);
}

/// Keeps LLVM's errors, which it would print and exit for; the rest is of no use to a user.
namespace {
struct ErrorKeeper : DiagnosticHandler {
  explicit ErrorKeeper(std::string &text) : text(text) {}
  bool handleDiagnostics(const DiagnosticInfo &info) override {
    if (info.getSeverity() == DS_Error) {
      raw_string_ostream stream(text);
      DiagnosticPrinterRawOStream printer(stream);
      info.print(printer);
    }
    return true;
  }
  std::string &text;
};
} // namespace

/// Runs `action`; what LLVM reports meanwhile is the result.
static Error withErrors(LLVMContext &context, llvm::function_ref<void()> action) {
  std::string text;
  context.setDiagnosticHandler(std::make_unique<ErrorKeeper>(text));
  action();
  context.setDiagnosticHandler(std::make_unique<DiagnosticHandler>());
  return text.empty() ? Error::success() : internalError(text);
}

/// Whether the code is in vectors before LLVM sees it: it is then unrolled as far as it is to be.
static bool isVectorized(const Module &module) {
  for (const Function &function : module)
    for (const Instruction &instruction : llvm::instructions(function))
      if (instruction.getType()->isVectorTy())
        return true;
  return false;
}

Error fsc::emit::optimize(Module &module, TargetMachine &machine, int optLevel) {
  for (Function &function : module) {
    setAttributes(function, machine);
    if (optLevel > 0)
      allowContraction(function);
  }
  module.setRtLibUseGOT();

  PipelineTuningOptions tuning;
  tuning.LoopVectorization = tuning.SLPVectorization = tuning.LoopInterleaving = optLevel > 0;
  tuning.LoopUnrolling = optLevel > 0 && !isVectorized(module);
  PassBuilder builder(&machine, tuning);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  OptimizationLevel level = optLevel <= 0   ? OptimizationLevel::O1
                            : optLevel <= 2 ? OptimizationLevel::O2
                                            : OptimizationLevel::O3;
  ModulePassManager pipeline = builder.buildPerModuleDefaultPipeline(level);
  return withErrors(module.getContext(), [&] { pipeline.run(module, modules); });
}

Error fsc::emit::generate(Module &module, TargetMachine &machine, CodeGenFileType type, raw_pwrite_stream &stream) {
  legacy::PassManager passes;
  passes.add(new TargetLibraryInfoWrapperPass(machine.getTargetTriple()));
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type))
    return internalError("LLVM cannot write a file of this kind for '" + machine.getTargetTriple().str() + "'");
  return withErrors(module.getContext(), [&] { passes.run(module); });
}
