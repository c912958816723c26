//===- ArtifactTarget.cpp - Any bytes as an artefact, judged --------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/ElfFile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fsc::runtime::Status status = fsc::runtime::checkArtifactFile("model.so", data, size);
  (void)status;
  return 0;
}
