//===- RoutineSet.cpp - The routines of one artefact ----------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/RoutineSet.h"

#include "runtime/src/routines/Table.h"

#include <cstring>

using namespace fsc::runtime;

Status RoutineSet::load(const char *path, const fsc_abi_artifact &artifact, std::span<const char *const> customOps) {
  for (const char *library : customOps) {
    if (!library)
      return failure(FSC_ERROR_ARGUMENT, "the path of a library of custom operators is null");
    if (std::string problem = libraries.emplace_back().load(library); !problem.empty())
      return failure(FSC_ERROR_NOT_FOUND, "%s", problem.c_str());
  }
  for (int64_t i = 0; i < artifact.routine_count; ++i) {
    const fsc_abi_routine &wanted = artifact.routines[i];
    if (wanted.library) {
      if (Status status = findCustom(path, wanted))
        return status;
      continue;
    }
    if (findRoutine(wanted.name))
      continue;
    const char *module = moduleOf(wanted.name);
    if (!module)
      return failure(FSC_ERROR_UNSUPPORTED, "%s: '%s' needs the routine '%s', which only a newer runtime has",
                     wanted.node, path, wanted.name);
    if (Status status = loadFromModule(path, module, wanted))
      return status;
  }
  return success();
}

/// A library's file may have another name than the one that the model was compiled with; what it defines counts.
Status RoutineSet::findCustom(const char *path, const fsc_abi_routine &wanted) {
  std::string given;
  for (const CustomLibrary &library : libraries) {
    for (const fsc_custom_op &op : library.ops())
      if (routineName(op) == wanted.name) {
        custom.push_back({wanted.name, &op});
        return success();
      }
    given += (given.empty() ? "'" : ", '") + library.name() + "'";
  }
  return failure(
      FSC_ERROR_NOT_FOUND,
      "%s: '%s' needs the custom operator '%s', which it was compiled with from '%s': give that library with "
      "--custom-ops of fsc-run, custom_ops of fsc.load, or fsc_module_options; given were %s",
      wanted.node, path, wanted.name, wanted.library, given.empty() ? "none" : given.c_str());
}

const fsc_custom_op *RoutineSet::findCustom(const char *name) const {
  for (const CustomEntry &entry : custom)
    if (std::strcmp(entry.name, name) == 0)
      return entry.op;
  return nullptr;
}

Status RoutineSet::loadFromModule(const char *path, const char *module, const fsc_abi_routine &wanted) {
  for (const RuntimeModule &loaded : modules)
    if (std::strcmp(loaded.name(), module) == 0) {
      external.push_back({wanted.name, loaded.find(wanted.name)});
      return success();
    }
  RuntimeModule loaded;
  if (Status status = loaded.load(path, module, wanted))
    return status;
  external.push_back({wanted.name, loaded.find(wanted.name)});
  modules.push_back(std::move(loaded));
  return success();
}

fsc_abi_routine_fn RoutineSet::find(const char *name) const {
  for (const Entry &entry : external)
    if (std::strcmp(entry.name, name) == 0)
      return entry.function;
  return findRoutine(name);
}
