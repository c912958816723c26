//===- Translate.cpp - LLVM dialect to LLVM IR, in parts ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/Translate.h"

#include "compiler/emit/Descriptor.h"
#include "compiler/emit/Elf.h"
#include "compiler/emit/Files.h"
#include "compiler/emit/Libraries.h"
#include "runtime/abi/Artifact.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Linker/Linker.h"

#include <algorithm>

using namespace llvm;
using namespace fsc;
using namespace fsc::emit;

/// Enough parts to keep many threads busy to the end; each costs about a millisecond.
static constexpr size_t maxGroups = 32;

/// Spreads the modules over groups of about equal size, the largest first. Within a group they keep their order.
static std::vector<std::vector<mlir::ModuleOp>> partition(ArrayRef<mlir::ModuleOp> modules) {
  std::vector<size_t> sizes(modules.size()), order(modules.size());
  for (auto [index, module] : enumerate(modules)) {
    order[index] = index;
    mlir::ModuleOp copy = module;
    copy.walk([&](mlir::Operation *) { ++sizes[index]; });
  }
  llvm::stable_sort(order, [&](size_t a, size_t b) { return sizes[a] > sizes[b]; });
  std::vector<std::vector<size_t>> members(std::min(modules.size(), maxGroups));
  std::vector<size_t> loads(members.size());
  for (size_t index : order) {
    size_t lightest = size_t(std::min_element(loads.begin(), loads.end()) - loads.begin());
    loads[lightest] += sizes[index];
    members[lightest].push_back(index);
  }
  std::vector<std::vector<mlir::ModuleOp>> groups;
  for (std::vector<size_t> &indices : members) {
    llvm::sort(indices);
    std::vector<mlir::ModuleOp> &group = groups.emplace_back();
    for (size_t index : indices)
      group.push_back(modules[index]);
  }
  return groups;
}

Expected<Parts> Parts::create(mlir::ModuleOp module, const TargetMachine &machine) {
  Parts parts;
  parts.host = module;
  mlir::MLIRContext *context = module.getContext();
  mlir::DialectRegistry registry;
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  context->appendDialectRegistry(registry);

  auto layout = mlir::StringAttr::get(context, machine.createDataLayout().getStringRepresentation());
  auto triple = mlir::StringAttr::get(context, machine.getTargetTriple().str());
  auto visit = [&](mlir::ModuleOp part) {
    part->setAttr(mlir::LLVM::LLVMDialect::getDataLayoutAttrName(), layout);
    part->setAttr(mlir::LLVM::LLVMDialect::getTargetTripleAttrName(), triple);
    for (auto function : part.getOps<mlir::LLVM::LLVMFuncOp>())
      (function.isExternal() ? parts.declared : parts.defined).insert(function.getName());
  };
  visit(module);
  std::vector<mlir::ModuleOp> kernels;
  for (auto nested : module.getOps<mlir::ModuleOp>()) {
    visit(nested);
    kernels.push_back(nested);
  }
  for (const auto &entry : parts.defined)
    if (StringRef name = entry.getKey();
        parts.declared.contains(name) &&
        (libraryOf(name) || isBuiltin(name) || name == FSC_ABI_SYMBOL || name == "fsc_run" || name == weightsSymbol))
      return internalError("a kernel has the name '" + name + "', which is taken");
  parts.groups = partition(kernels);
  return parts;
}

Error Parts::finish(Module &part) const {
  for (Function &function : part) {
    StringRef name = function.getName();
    bool shared = function.isDeclaration() ? defined.contains(name) : declared.contains(name) || name == "fsc_run";
    if (!function.isDeclaration())
      function.setLinkage(shared ? GlobalValue::ExternalLinkage : GlobalValue::InternalLinkage);
    if (shared) {
      function.setVisibility(GlobalValue::HiddenVisibility);
      function.setDSOLocal(true);
    }
  }
  for (GlobalVariable &global : part.globals())
    if (!global.isDeclaration())
      global.setLinkage(GlobalValue::InternalLinkage);
  if (part.getGlobalVariable(weightsSymbol) && !weightsGlobal(part, 0))
    return internalError("a kernel or the host defines '" + Twine(weightsSymbol) + "'");
  return Error::success();
}

Expected<std::unique_ptr<Module>> Parts::translateHost(LLVMContext &context) const {
  std::unique_ptr<Module> part = mlir::translateModuleToLLVMIR(host, context, "host");
  if (!part)
    return internalError("the host code cannot be translated to LLVM IR");
  if (Error failure = finish(*part))
    return failure;
  return part;
}

Expected<std::unique_ptr<Module>> Parts::translateGroup(size_t index, LLVMContext &context) const {
  std::unique_ptr<Module> part;
  for (mlir::ModuleOp kernel : groups[index]) {
    std::unique_ptr<Module> next = mlir::translateModuleToLLVMIR(kernel, context, "kernels");
    if (!next)
      return internalError("kernel '" + kernel.getName().value_or("") + "' cannot be translated to LLVM IR");
    if (Error failure = finish(*next))
      return failure;
    if (!part)
      part = std::move(next);
    else if (Linker::linkModules(*part, std::move(next)))
      return internalError("kernel '" + kernel.getName().value_or("") + "' defines a name that another one defines");
  }
  return part;
}
