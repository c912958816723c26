//===- OptionsTarget.cpp - Any text as a command line ---------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline.h"
#include "compiler/target/Target.h"
#include "tools/fsc-run/Options.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// Each line is an argument.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n');
  std::vector<std::string> arguments;
  for (llvm::StringRef line : lines)
    arguments.push_back(line.str());
  try {
    (void)fsc::tools::parseOptions(arguments);
  } catch (const fsc::tools::UsageError &) {
  }
  static const bool registered = (fsc::registerAllTargets(), true);
  (void)registered;
  std::string message;
  (void)fsc::createTarget(lines.front(), message);
  (void)fsc::parsePhase(lines.back());
  return 0;
}
