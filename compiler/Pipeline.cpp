//===- Pipeline.cpp - What runs when --------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline.h"

#include "compiler/evaluate/Evaluator.h"
#include "dialects/fsc/ops/Kernel.h"
#include "passes/fusion/Fusion.h"
#include "passes/layout/Layout.h"
#include "passes/lowering/Lowering.h"
#include "passes/simplify/Simplify.h"
#include "passes/tiling/Tiling.h"

#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Arith/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/AllInterfaces.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/IR/TensorTilingInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace fsc {

ArrayRef<PhaseInfo> getPhases() {
  static const PhaseInfo phases[] = {
      {Phase::import, "import", "read the ONNX model",
       "every node is an fsc op, or the inlined body of its ONNX function, at its node's location; ranks are known, "
       "sizes "
       "may be symbolic; weights are resources mapped from the file"},
      {Phase::simplify, "simplify", "infer shapes, fold constants, remove what is not needed",
       "shapes are inferred as far as they can be; constant parts of the graph are constants; no op is dead or "
       "computed twice"},
      {Phase::quantize, "quantize", "turn quantized patterns into integer ops",
       "no pair of QuantizeLinear and DequantizeLinear is left around an op that runs in integers"},
      {Phase::layout, "layout", "give ops the layouts that the target wants",
       "contractions and convolutions have the target's layout, their weights are packed constants, transposes stand "
       "at the "
       "edges of the graph"},
      {Phase::fuse, "fuse", "form kernels and merge elementwise ops into them",
       "the function holds only kernels, views, routines of the runtime, control flow, constants and arithmetic on "
       "sizes; each result, of the function, a branch or an iteration, is that of a kernel, or a routine, of its own"},
      {Phase::schedule, "schedule", "choose how each kernel becomes code", "every kernel has a schedule"},
      {Phase::bufferize, "bufferize", "turn tensors into buffers and plan the arena",
       "the host program has no tensors; every buffer whose sizes are known, or follow from those of the inputs, has a "
       "place in the arena, checked independently; equal kernels share one function"},
      {Phase::lower, "lower", "lower kernels and the host program to the LLVM dialect",
       "everything is in the LLVM dialect"},
      {Phase::emit, "emit", "compile to machine code and link", "the artefact is written"},
  };
  return phases;
}

std::optional<Phase> parsePhase(StringRef name) {
  for (const PhaseInfo &info : getPhases())
    if (info.name == name)
      return info.phase;
  return std::nullopt;
}

StringRef phaseName(Phase phase) { return getPhases()[size_t(phase)].name; }

namespace {

/// Asks the target for a schedule of every kernel.
struct ScheduleKernels : PassWrapper<ScheduleKernels, OperationPass<func::FuncOp>> {
  ScheduleKernels(const Target &target, int optLevel) : target(target), optLevel(optLevel) {}
  StringRef getArgument() const override { return "fsc-schedule-kernels"; }
  StringRef getDescription() const override { return "give every kernel the schedule that the target chooses"; }
  void runOnOperation() override {
    getOperation().walk([&](KernelOp kernel) { kernel.setScheduleAttr(target.schedule(kernel, optLevel)); });
  }

  const Target &target;
  int optLevel;
};

} // namespace

void addKernelsToLinalg(OpPassManager &module, const Target &target, int optLevel) {
  target.addKernelToLinalg(module.nest<ModuleOp>(), optLevel);
}

void addPhase(Phase phase, OpPassManager &module, const Target &target, int optLevel) {
  OpPassManager &function = module.nest<func::FuncOp>();
  switch (phase) {
  case Phase::import:
  case Phase::emit:
    return;
  case Phase::simplify:
    addShapePasses(function);
    if (optLevel > 0) {
      function.addPass(createFoldConstants());
      addShapePasses(function);
      addRewritePasses(function);
    }
    return;
  case Phase::quantize:
    return;
  case Phase::layout:
    if (optLevel > 0)
      target.addLayoutPasses(function, optLevel);
    return;
  case Phase::fuse:
    function.addPass(createFormKernels());
    if (optLevel > 0)
      function.addPass(createFuseEpilogue());
    // No canonicalizer: it would make the type of a destination more precise than that of the kernel's own argument.
    function.addPass(createCSEPass());
    function.addPass(createSeparateResults());
    return;
  case Phase::schedule:
    function.addPass(std::make_unique<ScheduleKernels>(target, optLevel));
    return;
  case Phase::bufferize:
    module.addPass(createBufferizeHost());
    module.addNestedPass<func::FuncOp>(createPlanArena());
    module.addNestedPass<func::FuncOp>(createVerifyArena());
    module.addNestedPass<func::FuncOp>(createLayOutWeights());
    return;
  case Phase::lower:
    addKernelsToLinalg(module, target, optLevel);
    target.addLinalgToLLVM(module.nest<ModuleOp>(), optLevel);
    module.addNestedPass<func::FuncOp>(createSCFToControlFlowPass());
    module.addPass(createLowerHost());
    module.addPass(memref::createExpandStridedMetadataPass());
    module.addPass(createConvertToLLVM());
    return;
  }
}

void registerDialects(DialectRegistry &registry) {
  registry
      .insert<FscDialect, affine::AffineDialect, arith::ArithDialect, bufferization::BufferizationDialect,
              cf::ControlFlowDialect, func::FuncDialect, linalg::LinalgDialect, LLVM::LLVMDialect, math::MathDialect,
              memref::MemRefDialect, scf::SCFDialect, tensor::TensorDialect, ub::UBDialect, vector::VectorDialect>();
  affine::registerValueBoundsOpInterfaceExternalModels(registry);
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  arith::registerValueBoundsOpInterfaceExternalModels(registry);
  linalg::registerAllDialectInterfaceImplementations(registry);
  memref::registerValueBoundsOpInterfaceExternalModels(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  scf::registerValueBoundsOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerTilingInterfaceExternalModels(registry);
  tensor::registerValueBoundsOpInterfaceExternalModels(registry);
  vector::registerBufferizableOpInterfaceExternalModels(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

namespace {

/// The options of the pipelines `--fsc-phase-NAME`.
struct PhaseOptions : PassPipelineOptions<PhaseOptions> {
  Option<std::string> target{*this, "target", llvm::cl::desc("NAME or NAME:LEVEL"), llvm::cl::init("cpu:x86-64-v4")};
  Option<int> optLevel{*this, "opt-level", llvm::cl::desc("0: reference, 2: everything"), llvm::cl::init(2)};
};

struct VerifyContract : PassWrapper<VerifyContract, OperationPass<ModuleOp>> {
  explicit VerifyContract(Phase phase) : phase(phase) {}
  StringRef getName() const override { return "VerifyContract"; }
  void runOnOperation() override {
    if (failed(verifyContract(phase, getOperation())))
      signalPassFailure();
  }
  Phase phase;
};

void registerPhase(const PhaseInfo &info) {
  static llvm::StringMap<std::unique_ptr<Target>> targets; // live as long as the passes that refer to them
  PassPipelineRegistration<PhaseOptions>(("fsc-phase-" + info.name).str(), info.summary,
                                         [phase = info.phase](OpPassManager &module, const PhaseOptions &options) {
                                           std::unique_ptr<Target> &target = targets[options.target];
                                           std::string message;
                                           if (!target && !(target = createTarget(options.target, message)))
                                             llvm::report_fatal_error(llvm::Twine(message), /*gen_crash_diag=*/false);
                                           addPhase(phase, module, *target, options.optLevel);
                                           module.addPass(std::make_unique<VerifyContract>(phase));
                                         });
}

} // namespace

void registerPasses() {
  registerAllTargets();
  registerFusionPasses();
  registerLayoutPasses();
  registerLoweringPasses();
  registerSimplifyPasses();
  registerTilingPasses();
  registerFoldConstants();
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  for (const PhaseInfo &info : getPhases())
    if (info.phase != Phase::import && info.phase != Phase::emit)
      registerPhase(info);
}

} // namespace fsc
