//===- RuntimeModule.h - Routines in libraries of their own -----*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_RUNTIMEMODULE_H
#define FSC_RUNTIME_SRC_RUNTIMEMODULE_H

#include "runtime/abi/RoutineModule.h"
#include "runtime/src/Status.h"

#include <string>
#include <vector>

namespace fsc::runtime {

/// The name of the module that has a routine, or null.
const char *moduleOf(const char *routine);

/// Where modules are looked for, in this order, before the system's library path: the folders of the environment
/// variable FSC_MODULE_PATH, that of the library or program which holds the runtime, and the folder lib beside that.
std::vector<std::string> moduleFolders();

/// A loaded module.
class RuntimeModule {
public:
  RuntimeModule() = default;
  RuntimeModule(RuntimeModule &&other) noexcept;
  RuntimeModule &operator=(RuntimeModule &&) = delete;
  ~RuntimeModule();

  /// Loads the module `name`. A failure says for which routine of which artefact it is wanted.
  Status load(const char *path, const char *name, const fsc_abi_routine &wanted);
  const char *name() const { return descriptor->name; }
  fsc_abi_routine_fn find(const char *routine) const { return descriptor->find(routine); }

private:
  void *handle = nullptr;
  const fsc_abi_routine_module *descriptor = nullptr;
};

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_RUNTIMEMODULE_H
