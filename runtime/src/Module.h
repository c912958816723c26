//===- Module.h - A loaded artefact -----------------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_MODULE_H
#define FSC_RUNTIME_SRC_MODULE_H

#include "runtime/src/RoutineSet.h"
#include "runtime/src/SharedObject.h"
#include "runtime/src/Signature.h"
#include "runtime/src/StringTable.h"

#include <memory>
#include <span>

namespace fsc::runtime {

/// Constant after load; shared by the handle and the sessions.
class Module {
public:
  /// `customOps` are libraries of custom operators.
  Status load(const char *path, std::span<const char *const> customOps = {});

  const fsc_abi_artifact &artifact() const { return *object.artifact(); }
  const fsc_abi_variant &variant() const { return *chosen; }
  const void *weights() const { return weightsData; }
  const Signature &inputs() const { return inputSignature; }
  const Signature &outputs() const { return outputSignature; }
  /// Those of the artefact's constants.
  const StringTable &strings() const { return constantStrings; }
  const RoutineSet &routines() const { return routineSet; }

private:
  Status chooseVariant(const char *path);
  Status mapWeights(const char *path);
  Status readStrings(const char *path);

  SharedObject object;
  MappedFile weightsFile;
  const fsc_abi_variant *chosen = nullptr;
  const void *weightsData = nullptr;
  Signature inputSignature, outputSignature;
  StringTable constantStrings;
  RoutineSet routineSet;
};

} // namespace fsc::runtime

/// The handle of the C interface.
struct fsc_module {
  std::shared_ptr<const fsc::runtime::Module> module;
};

#endif // FSC_RUNTIME_SRC_MODULE_H
