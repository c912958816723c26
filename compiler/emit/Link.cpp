//===- Link.cpp - lld inside this process ---------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/Link.h"

#include "compiler/emit/Files.h"

#include "lld/Common/Driver.h"
#include "llvm/Support/CrashRecoveryContext.h"

#include <mutex>
#include <vector>

LLD_HAS_DRIVER(elf)

using namespace llvm;
using namespace fsc::emit;

static Error link(std::vector<std::string> arguments, ArrayRef<std::string> inputs, StringRef output,
                  unsigned threads) {
  arguments.insert(arguments.begin(), "ld.lld");
  arguments.push_back("--threads=" + std::to_string(std::max(threads, 1u)));
  arguments.push_back("-o");
  arguments.push_back(output.str());
  arguments.insert(arguments.end(), inputs.begin(), inputs.end());
  std::vector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());

  // lld keeps its state in globals. Its fatal errors leave through the recovery context, or else end the process.
  static std::mutex mutex;
  static bool usable = true;
  std::lock_guard<std::mutex> lock(mutex);
  if (!usable)
    return internalError("the linker cannot run again after it crashed");
  std::string text, errors;
  raw_string_ostream stream(text), errorStream(errors);
  CrashRecoveryContext::Enable();
  lld::Result result = lld::lldMain(pointers, stream, errorStream, {{lld::Gnu, &lld::elf::link}});
  CrashRecoveryContext::Disable();
  usable = result.canRunAgain;
  if (result.retCode == 0)
    return Error::success();
  StringRef message = StringRef(errors).trim();
  message.consume_front("ld.lld: error: ");
  if (message.starts_with("cannot open output file") || message.starts_with("failed to write"))
    return createStringError("cannot write the artefact: " + message);
  return internalError("the linker failed: " + message);
}

Error fsc::emit::linkSharedObject(ArrayRef<std::string> inputs, StringRef output, unsigned threads) {
  // No build id, no soname: the bytes do not depend on the output's name.
  return link({"-shared", "--build-id=none", "--hash-style=gnu", "--gc-sections", "--icf=all", "-znow", "-zrelro",
               "-znoexecstack", "-zdefs"},
              inputs, output, threads);
}

Error fsc::emit::linkRelocatable(ArrayRef<std::string> inputs, StringRef output, unsigned threads) {
  return link({"-r"}, inputs, output, threads);
}
