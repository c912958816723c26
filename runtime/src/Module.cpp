//===- Module.cpp - A loaded artefact -------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/Module.h"

#include "runtime/src/cpu/CpuFeatures.h"

#include <cinttypes>
#include <cstring>
#include <new>
#include <string>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace fsc::runtime;

Status Module::load(const char *path, std::span<const char *const> customOps) {
  if (Status status = object.load(path))
    return status;
  if (Status status = checkDescriptor(path, artifact()))
    return status;
  if (Status status =
          readSignature(path, "input", artifact(), artifact().input_count, artifact().inputs, inputSignature))
    return status;
  if (Status status =
          readSignature(path, "output", artifact(), artifact().output_count, artifact().outputs, outputSignature))
    return status;
  if (Status status = chooseVariant(path))
    return status;
  if (Status status = readStrings(path))
    return status;
  if (Status status = routineSet.load(path, artifact(), customOps))
    return status;
  return mapWeights(path);
}

Status Module::chooseVariant(const char *path) {
  Cpu cpu;
  const char *missing = nullptr;
  for (int64_t i = 0; i < artifact().variant_count && !chosen; ++i) {
    missing = cpu.firstMissing(artifact().variants[i].features);
    if (!missing)
      chosen = &artifact().variants[i];
  }
  if (chosen)
    return success();
  const fsc_abi_variant &last = artifact().variants[artifact().variant_count - 1];
  return failure(FSC_ERROR_UNSUPPORTED,
                 "'%s' cannot run on this machine: its lowest level is '%s', which needs '%s'; compile the model for "
                 "this machine",
                 path, last.cpu, missing);
}

/// Their numbers are their places in the table, from 1 on.
Status Module::readStrings(const char *path) {
  for (int64_t i = 0; i < artifact().string_count; ++i) {
    const fsc_abi_string &string = artifact().strings[i];
    bool good = string.data && string.size > 0;
    try {
      good = good && constantStrings.intern({string.data, size_t(string.size)}) == i + 1;
    } catch (const std::exception &) {
      return failure(FSC_ERROR_OUT_OF_MEMORY, "out of memory: '%s' has %" PRId64 " strings", path,
                     artifact().string_count);
    }
    if (!good)
      return failure(FSC_ERROR_MODEL, "'%s' has a malformed descriptor: a string is empty or there twice", path);
  }
  return success();
}

/// A side file lies in the artefact's own folder and nowhere else.
Status Module::mapWeights(const char *path) {
  weightsData = artifact().weights;
  if (weightsData || artifact().weights_bytes == 0)
    return success();
  const char *name = artifact().weights_file;
  if (*name == '\0' || std::strchr(name, '/') || std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0)
    return failure(FSC_ERROR_MODEL, "'%s' names weights file '%s': expected a file name without a folder", path, name);

  const char *slash = std::strrchr(path, '/');
  std::string file = slash ? std::string(path, size_t(slash + 1 - path)) + name : std::string(name);
  int descriptor;
  if (Status status = openFile(file.c_str(), descriptor))
    return failure(status.code(), "the weights of '%s' are missing: %s", path, status.message());
  Status status = weightsFile.map(file.c_str(), descriptor);
  close(descriptor);
  if (status)
    return status;
  if (weightsFile.size() != uint64_t(artifact().weights_bytes))
    return failure(FSC_ERROR_MODEL, "weights file '%s' does not belong to '%s': expected %" PRId64 " bytes, got %zu",
                   file.c_str(), path, artifact().weights_bytes, weightsFile.size());
  uint64_t hash = XXH3_64bits(weightsFile.data(), weightsFile.size());
  if (hash != artifact().weights_hash)
    return failure(FSC_ERROR_MODEL,
                   "weights file '%s' does not belong to '%s': expected hash %016" PRIx64 ", got %016" PRIx64,
                   file.c_str(), path, artifact().weights_hash, hash);
  weightsData = weightsFile.data();
  return success();
}
