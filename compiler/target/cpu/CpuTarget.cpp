//===- CpuTarget.cpp - Vector code for x86-64 and AArch64 -----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/target/cpu/CpuTarget.h"

#include "passes/layout/Layout.h"
#include "passes/lowering/Lowering.h"
#include "passes/tiling/Tiling.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;

namespace fsc {

//===----------------------------------------------------------------------===//
// Levels
//===----------------------------------------------------------------------===//

static const CpuLevel &x86v3() {
  static const CpuLevel level = {
      "x86-64-v3", "x86_64-unknown-linux-gnu", "x86-64-v3", "haswell", {"avx2", "fma", "f16c", "bmi2"}, 256, 6, 2};
  return level;
}

static const CpuLevel &x86v4() {
  static const CpuLevel level = {"x86-64-v4",
                                 "x86_64-unknown-linux-gnu",
                                 "x86-64-v4",
                                 "sapphirerapids",
                                 {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd"},
                                 512,
                                 8,
                                 2};
  return level;
}

static const CpuLevel &aarch64() {
  static const CpuLevel level = {"aarch64", "aarch64-unknown-linux-gnu", "generic", "neoverse-n1", {"neon"}, 128, 6, 4};
  return level;
}

static const CpuLevel *hostLevel() {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  auto has = [&](const CpuLevel &level) {
    return llvm::all_of(level.requiredFeatures, [&](const std::string &name) { return features.lookup(name); });
  };
#if defined(__aarch64__)
  return &aarch64();
#else
  return has(x86v4()) ? &x86v4() : has(x86v3()) ? &x86v3() : nullptr;
#endif
}

void registerCpuTarget() {
  registerTarget("cpu", [](llvm::StringRef name, std::string &message) -> std::unique_ptr<Target> {
    if (name.empty() || name == "host") {
      if (const CpuLevel *level = hostLevel())
        return std::make_unique<CpuTarget>(*level);
      message = "expected a host with at least AVX2 and FMA; name the level to compile for another machine";
      return nullptr;
    }
    for (const CpuLevel *level : {&x86v3(), &x86v4(), &aarch64()})
      if (level->name == name)
        return std::make_unique<CpuTarget>(*level);
    message = "expected cpu level 'host', 'x86-64-v3', 'x86-64-v4' or 'aarch64', got '" + name.str() + "'";
    return nullptr;
  });
}

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

void CpuTarget::addLayoutPasses(OpPassManager &function, int) const {
  function.addPass(createChannelsLast());
  function.addPass(createSinkTransposes());
  function.addPass(createPackWeights(PackWeightsOptions{level.tileVectors * level.vectorBits / 32}));
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
}

void CpuTarget::addKernelToLinalg(OpPassManager &kernel, int optLevel) const {
  kernel.addNestedPass<func::FuncOp>(createEmitRegisterKernel());
  kernel.addNestedPass<func::FuncOp>(createEmitWindowKernel());
  kernel.addNestedPass<func::FuncOp>(createEmitConcatKernel());
  kernel.addNestedPass<func::FuncOp>(createEmitRowKernel());
  kernel.addNestedPass<func::FuncOp>(createLowerToLinalg());
  if (optLevel > 0)
    kernel.addNestedPass<func::FuncOp>(createTileKernel());
  kernel.addPass(createCanonicalizerPass());
  kernel.addPass(createCSEPass());
}

void CpuTarget::addLinalgToLLVM(OpPassManager &kernel, int optLevel) const {
  kernel.addNestedPass<func::FuncOp>(bufferization::createEmptyTensorEliminationPass());
  kernel.addPass(bufferization::createOneShotBufferizePass());
  kernel.addPass(createCanonicalizerPass());
  kernel.addNestedPass<func::FuncOp>(bufferization::createBufferLoopHoistingPass());
  kernel.addNestedPass<func::FuncOp>(createLowerCopies());
  kernel.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  kernel.addPass(createCanonicalizerPass());
  kernel.addPass(createCSEPass());
  kernel.addPass(createLoopInvariantCodeMotionPass());
  kernel.addPass(createFinalizeKernel());
  kernel.addPass(memref::createExpandStridedMetadataPass());
  kernel.addPass(createLowerAffinePass());
  kernel.addPass(createSCFToControlFlowPass());
  kernel.addPass(createCanonicalizerPass());
  kernel.addPass(createCSEPass());
  kernel.addPass(createConvertToLLVM(ConvertToLLVMOptions{/*approximate=*/optLevel > 0}));
  kernel.addPass(createReconcileUnrealizedCastsPass());
}

CodegenOptions CpuTarget::getCodegen(int optLevel) const {
  CodegenOptions options;
  options.triple = level.triple;
  options.cpu = level.cpu;
  options.requiredFeatures = level.requiredFeatures;
  options.optLevel = optLevel;
  return options;
}

} // namespace fsc
