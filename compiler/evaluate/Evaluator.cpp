//===- Evaluator.cpp - Running constant parts of a graph ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The graph takes the way of any model, to a shared object in a temporary file,
// which is loaded and run on one thread with a runtime of a few lines: that of
// runtime/abi/Artifact.h, since the compiler does not depend on the real one.
//
//===----------------------------------------------------------------------===//

#include "compiler/evaluate/Evaluator.h"

#include "compiler/Describe.h"
#include "compiler/Diagnostics.h"
#include "compiler/Pipeline.h"
#include "runtime/abi/Artifact.h"
#include "runtime/src/routines/Table.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <dlfcn.h>
#include <set>

using namespace mlir;

namespace fsc {

namespace {

/// The state of one run. The context comes first: compiled code knows only that.
struct Run {
  fsc_abi_context context{};
  const fsc_abi_artifact *artifact = nullptr;
  SmallVector<RankedTensorType> types; // of the outputs; those of routines become static when they are known
  std::vector<AsmResourceBlob> outputs;
  std::set<void *> allocated;
  void *scratch = nullptr;
  int32_t status = FSC_ABI_OK;
  std::string message;

  ~Run() {
    for (void *memory : allocated)
      std::free(memory);
  }
};

Run &runOf(fsc_abi_context *context) { return *reinterpret_cast<Run *>(context); }

int32_t fail(fsc_abi_context *context, int32_t code, const char *message) {
  Run &run = runOf(context);
  if (run.status == FSC_ABI_OK) {
    run.status = code;
    run.message = message;
  }
  return code;
}

constexpr int64_t limit = int64_t(1) << 33; // of one buffer's bytes

void *allocate(fsc_abi_context *context, int64_t bytes) {
  void *memory = nullptr;
  if (bytes >= 0 && bytes <= limit)
    memory = std::aligned_alloc(FSC_ABI_ALIGNMENT, (bytes / FSC_ABI_ALIGNMENT + 1) * FSC_ABI_ALIGNMENT);
  if (!memory) {
    fail(context, FSC_ABI_ERROR_OUT_OF_MEMORY, "out of memory");
    return nullptr;
  }
  runOf(context).allocated.insert(memory);
  return memory;
}

void release(fsc_abi_context *context, void *memory) {
  runOf(context).allocated.erase(memory);
  std::free(memory);
}

/// Memory for one result.
AsmResourceBlob resultMemory(RankedTensorType type) {
  int64_t bytes = type.getNumElements() * storageBytes(type.getElementType());
  return HeapAsmResourceBlob::allocate(std::max<int64_t>(bytes, 1), FSC_ABI_ALIGNMENT, /*dataIsMutable=*/true);
}

/// The buffers of static shapes are there before the run.
void *output(fsc_abi_context *context, int64_t index, const int64_t *dims) {
  Run &run = runOf(context);
  RankedTensorType &type = run.types[index];
  if (!type.hasStaticShape()) {
    int64_t elements = 1;
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      if (llvm::MulOverflow(elements, dims[axis], elements) || elements > limit / 8) {
        fail(context, FSC_ABI_ERROR_OUT_OF_MEMORY, "out of memory");
        return nullptr;
      }
    type = type.clone(ArrayRef(dims, size_t(type.getRank())));
    run.outputs[index] = resultMemory(type);
  }
  return const_cast<char *>(run.outputs[index].getData().data());
}

int32_t parallel(fsc_abi_context *context, int64_t, fsc_abi_kernel_fn kernel, const int64_t *words, int64_t tasks,
                 int64_t) {
  Run &run = runOf(context);
  kernel(context, words, run.scratch, 0, tasks);
  return run.status;
}

fsc_abi_routine_fn routine(fsc_abi_context *, const char *name) { return runtime::findRoutine(name); }

// Neither strings nor draws are folded.
int64_t intern(fsc_abi_context *context, const char *, int64_t) {
  fail(context, FSC_ABI_ERROR_INTERNAL, "internal error: a string among folded constants");
  return -1;
}
fsc_abi_string string(fsc_abi_context *, int64_t) { return {"", 0}; }
uint64_t random(fsc_abi_context *) { return 0; }

int32_t reserve(fsc_abi_context *context, int64_t bytes) {
  context->arena = allocate(context, bytes);
  return runOf(context).status;
}

int32_t failWith(fsc_abi_context *context, int32_t code, const char *message, int64_t first, int64_t second) {
  return fail(context, code, llvm::formatv(/*Validate=*/false, message, first, second).str().c_str());
}

const fsc_abi_host host = {FSC_ABI_VERSION, sizeof(fsc_abi_host), output, allocate, release, parallel, fail, routine,
                           intern, string, random, reserve, failWith,
                           // No list is folded.
                           nullptr, nullptr, nullptr, nullptr};

/// Takes the graph through all phases, to a shared object at `path`.
LogicalResult build(ModuleOp graph, StringRef path) {
  MLIRContext *context = graph.getContext();
  std::string message;
  std::unique_ptr<Target> target = createHostTarget(message);
  if (!target)
    return emitCoded(Code::internalError, graph.getLoc(), message);
  constexpr int reference = 0;
  Description description;
  for (Phase phase : {Phase::fuse, Phase::schedule, Phase::bufferize, Phase::lower}) {
    if (phase == Phase::lower)
      description = describe(graph);
    // A manager of the graph's own, inside one that is running: it must not use the context's threads for itself alone.
    PassManager manager(context);
    addPhase(phase, manager, *target, reference);
    if (failed(manager.run(graph)))
      return failure();
  }
  description.spec.scratchBytes = scratchBytes(graph);
  description.spec.target = target->getName().str();
  return emitArtifact(graph, description.spec, target->getCodegen(reference), OutputKind::sharedObject, path);
}

/// The result's bytes as an attribute: inside it if they are few, else as a resource.
ElementsAttr resultAttr(RankedTensorType type, AsmResourceBlob blob) {
  constexpr int64_t maxInside = 64;
  ArrayRef<char> data = blob.getData();
  if (type.getElementType().isInteger(1)) {
    SmallVector<bool> values =
        llvm::map_to_vector(data.take_front(type.getNumElements()), [](char c) { return c != 0; });
    return DenseElementsAttr::get(type, ArrayRef<bool>(values));
  }
  if (type.getNumElements() == 0)
    return DenseElementsAttr::get(type, ArrayRef<Attribute>());
  if (type.getNumElements() <= maxInside)
    return DenseElementsAttr::getFromRawBuffer(type, data);
  return DenseResourceElementsAttr::get(type, "folded", std::move(blob));
}

/// The code for how a run ended: most failures are of what the model computes from constants.
Code codeOf(int32_t status) {
  if (status == FSC_ABI_ERROR_OUT_OF_MEMORY)
    return Code::outOfMemory;
  return status == FSC_ABI_ERROR_INTERNAL ? Code::internalError : Code::mismatch;
}

} // namespace

FailureOr<SmallVector<ElementsAttr>> evaluate(ModuleOp graph) {
  auto main = graph.lookupSymbol<func::FuncOp>("main");
  SmallVector<RankedTensorType> types =
      llvm::map_to_vector(main.getResultTypes(), [](Type type) { return cast<RankedTensorType>(type); });
  llvm::SmallString<128> path;
  if (llvm::sys::fs::createTemporaryFile("fsc-constants", "so", path))
    return emitCoded(Code::cannotWrite, graph.getLoc(), "cannot create a temporary file");
  auto remove = llvm::make_scope_exit([&] { (void)llvm::sys::fs::remove(path); });
  if (failed(build(graph, path)))
    return failure();

  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return emitCoded(Code::internalError, graph.getLoc(), "internal error: cannot load folded constants: ")
           << dlerror();
  auto close = llvm::make_scope_exit([&] { dlclose(library); });
  Run run;
  run.artifact = static_cast<const fsc_abi_artifact *>(dlsym(library, FSC_ABI_SYMBOL));
  const fsc_abi_variant &variant = run.artifact->variants[0];
  for (RankedTensorType type : types) {
    run.types.push_back(type);
    run.outputs.push_back(type.hasStaticShape() ? resultMemory(type) : AsmResourceBlob());
  }
  run.context.host = &host;
  run.context.arena = allocate(&run.context, variant.arena_bytes);
  run.scratch = allocate(&run.context, variant.scratch_bytes);
  run.context.weights = run.artifact->weights;
  if (run.status == FSC_ABI_OK)
    variant.run(&run.context);
  if (run.status != FSC_ABI_OK)
    return emitCoded(codeOf(run.status), graph.getLoc(), run.message);
  SmallVector<ElementsAttr> results;
  for (auto [type, blob] : llvm::zip(run.types, run.outputs))
    results.push_back(resultAttr(type, std::move(blob)));
  return results;
}

} // namespace fsc
