//===- Signature.cpp - A descriptor, checked and made readable ------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/Signature.h"

#include "runtime/src/Tensor.h"

#include <cinttypes>
#include <cstring>

using namespace fsc::runtime;

namespace {

constexpr int64_t maxCount = 1 << 24;

Status malformed(const char *path, const char *what) {
  return failure(FSC_ERROR_MODEL, "'%s' has a malformed descriptor: %s", path, what);
}

bool isTable(int64_t count, const void *table) { return count >= 0 && count <= maxCount && (count == 0 || table); }

/// Reads what a list is of into `value`; `entry` is the descriptor's. Lists are nested in a few levels at most.
Status readElements(const char *path, const fsc_abi_value &entry, fsc_value &value, Signature &signature,
                    int depth = 0) {
  constexpr int maxDepth = 32;
  if (!isList(entry.dtype))
    return success();
  if (entry.rank != 0 || !entry.element || depth == maxDepth)
    return malformed(path, "it is not known what a list is of");
  size_t count = entry.dtype == FSC_MAP ? 2 : 1;
  std::vector<fsc_value> &elements = signature.elements.emplace_back(count);
  value.element = elements.data();
  for (size_t i = 0; i < count; ++i) {
    const fsc_abi_value &element = entry.element[i];
    bool isColumn = element.rank == 1 && !isList(element.dtype);
    if (element.rank < -1 || element.rank > maxRank || (element.rank > 0 && !element.dims) ||
        fsc_dtype_bits(element.dtype) == 0 || (count == 2 && !isColumn))
      return malformed(path, "a list is of a type that this runtime does not know");
    std::vector<fsc_dim> &dims = signature.elementDims.emplace_back();
    for (int32_t axis = 0; axis < element.rank; ++axis)
      dims.push_back({element.dims[axis].size, nullptr});
    elements[i] = {"", element.dtype, element.rank, dims.data(), nullptr};
    if (Status status = readElements(path, element, elements[i], signature, depth + 1))
      return status;
  }
  return success();
}

} // namespace

Status fsc::runtime::checkDescriptor(const char *path, const fsc_abi_artifact &artifact) {
  if (!artifact.name || !artifact.provenance || !artifact.target)
    return malformed(path, "expected a name, a target and a provenance");
  if (std::strcmp(artifact.target, "cpu") != 0)
    return failure(FSC_ERROR_UNSUPPORTED, "'%s' was compiled for target '%s': this runtime runs target 'cpu'", path,
                   artifact.target);
  if (!isTable(artifact.input_count, artifact.inputs) || !isTable(artifact.output_count, artifact.outputs) ||
      !isTable(artifact.symbol_count, artifact.symbols) || !isTable(artifact.kernel_count, artifact.kernels) ||
      !isTable(artifact.variant_count, artifact.variants) || !isTable(artifact.string_count, artifact.strings) ||
      !isTable(artifact.routine_count, artifact.routines) || artifact.variant_count == 0)
    return malformed(path, "a table is missing");
  for (int64_t i = 0; i < artifact.symbol_count; ++i)
    if (!artifact.symbols[i])
      return malformed(path, "a symbol has no name");
  for (int64_t i = 0; i < artifact.symbol_count && artifact.ranges; ++i)
    if (artifact.ranges[i].least < 0 || artifact.ranges[i].least > artifact.ranges[i].most)
      return malformed(path, "the range of a symbol has no sizes");
  for (int64_t i = 0; i < artifact.kernel_count; ++i)
    if (!artifact.kernels[i].name || !artifact.kernels[i].location || !artifact.kernels[i].anchor)
      return malformed(path, "a kernel has no name, location or anchor");
  for (int64_t i = 0; i < artifact.routine_count; ++i)
    if (!artifact.routines[i].name || !artifact.routines[i].node)
      return malformed(path, "a routine has no name or node");
  for (int64_t i = 0; i < artifact.variant_count; ++i) {
    const fsc_abi_variant &variant = artifact.variants[i];
    if (!variant.cpu || !variant.run || variant.arena_bytes < 0 || variant.scratch_bytes < 0)
      return malformed(path, "a variant has no level, no code or a negative size");
  }
  if (artifact.weights_bytes < 0)
    return malformed(path, "the weights have a negative size");
  if (artifact.weights_bytes > 0 && !artifact.weights && !artifact.weights_file)
    return malformed(path, "the weights are missing");
  if (artifact.weights && reinterpret_cast<uintptr_t>(artifact.weights) % FSC_ABI_ALIGNMENT != 0)
    return malformed(path, "the weights are not aligned");
  return success();
}

Status fsc::runtime::readSignature(const char *path, const char *kind, const fsc_abi_artifact &artifact, int64_t count,
                                   const fsc_abi_value *values, Signature &signature) {
  size_t dims = 0;
  for (int64_t i = 0; i < count; ++i) {
    const fsc_abi_value &value = values[i];
    if (!value.name)
      return malformed(path, "a value has no name");
    if (value.rank < 0 || value.rank > maxRank || (value.rank > 0 && !value.dims))
      return failure(FSC_ERROR_MODEL, "'%s' has a malformed descriptor: %s '%s' has rank %d, expected 0 to %d", path,
                     kind, value.name, value.rank, maxRank);
    if (fsc_dtype_bits(value.dtype) == 0)
      return failure(FSC_ERROR_UNSUPPORTED, "'%s': %s '%s' has element type %d, which this runtime does not know", path,
                     kind, value.name, value.dtype);
    dims += size_t(value.rank);
  }

  // Reserved, so that the pointers into it stay good.
  signature.dims.reserve(dims);
  for (int64_t i = 0; i < count; ++i) {
    const fsc_abi_value &value = values[i];
    signature.firstDim.push_back(signature.dims.size());
    signature.values.push_back(
        {value.name, value.dtype, value.rank, signature.dims.data() + signature.dims.size(), nullptr});
    if (Status status = readElements(path, value, signature.values.back(), signature))
      return status;
    for (int32_t axis = 0; axis < value.rank; ++axis) {
      fsc_abi_dim dim = value.dims[axis];
      if (dim.size < FSC_ABI_DYNAMIC || dim.symbol < -1 || dim.symbol >= artifact.symbol_count)
        return failure(FSC_ERROR_MODEL,
                       "'%s' has a malformed descriptor: dim %d of %s '%s' has size %" PRId64 " and symbol %" PRId64,
                       path, axis, kind, value.name, dim.size, dim.symbol);
      bool symbolic = dim.size == FSC_ABI_DYNAMIC && dim.symbol >= 0;
      signature.dims.push_back({dim.size, symbolic ? artifact.symbols[dim.symbol] : nullptr});
      signature.symbols.push_back(symbolic ? dim.symbol : -1);
    }
  }
  return success();
}
