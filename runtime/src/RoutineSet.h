//===- RoutineSet.h - The routines of one artefact --------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An artefact says which routines its code asks for. All of them are found as it is loaded, in the
// runtime itself, in runtime modules or in libraries of custom operators, so that a run cannot find one
// missing.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_ROUTINESET_H
#define FSC_RUNTIME_SRC_ROUTINESET_H

#include "runtime/src/RuntimeModule.h"
#include "runtime/src/routines/CustomLibrary.h"

namespace fsc::runtime {

class RoutineSet {
public:
  /// `customOps` are the libraries that the caller gives.
  Status load(const char *path, const fsc_abi_artifact &artifact, std::span<const char *const> customOps);
  /// The routine of that name, or null.
  fsc_abi_routine_fn find(const char *name) const;
  /// The custom operator of that name, or null.
  const fsc_custom_op *findCustom(const char *name) const;

private:
  Status findCustom(const char *path, const fsc_abi_routine &wanted);
  Status loadFromModule(const char *path, const char *module, const fsc_abi_routine &wanted);

  struct Entry {
    const char *name;
    fsc_abi_routine_fn function;
  };
  std::vector<Entry> external; // those that are not the runtime's own
  std::vector<RuntimeModule> modules;
  struct CustomEntry {
    const char *name;
    const fsc_custom_op *op;
  };
  std::vector<CustomEntry> custom;
  std::vector<CustomLibrary> libraries;
};

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_ROUTINESET_H
