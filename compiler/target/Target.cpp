//===- Target.cpp - The registry of targets -------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/target/Target.h"

#include "compiler/target/cpu/CpuTarget.h"

#include <map>
#include <mutex>

namespace fsc {

static std::map<std::string, TargetFactory, std::less<>> &registry() {
  static std::map<std::string, TargetFactory, std::less<>> targets;
  return targets;
}

void registerTarget(llvm::StringRef name, TargetFactory factory) { registry()[name.str()] = std::move(factory); }

void registerAllTargets() {
  static std::once_flag once;
  std::call_once(once, [] { registerCpuTarget(); });
}

std::unique_ptr<Target> createTarget(llvm::StringRef spec, std::string &message) {
  auto [name, level] = spec.split(':');
  auto found = registry().find(name.str());
  if (found == registry().end()) {
    message = "expected a target of";
    for (auto &[known, factory] : registry())
      message += " '" + known + "'";
    message += ", got '" + name.str() + "'";
    return nullptr;
  }
  return found->second(level, message);
}

std::unique_ptr<Target> createHostTarget(std::string &message) {
  registerAllTargets();
  return createTarget("cpu", message);
}

} // namespace fsc
