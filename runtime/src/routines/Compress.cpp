//===- Compress.cpp - The slices whose condition is true ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Routine.h"

#include <cstring>

using namespace fsc::runtime;

FSC_ROUTINE(Compress) {
  Array x = call.input(0), condition = call.input(1);
  bool flat = !call.has("axis");
  int32_t axis = flat ? 0 : call.axis(x.rank(), 0);
  // All elements are the axis of a flat tensor.
  int64_t before = flat ? 1 : x.product(0, axis), size = flat ? x.elements() : x.dim(axis);
  size_t slice = x.elementBytes() * size_t(flat ? 1 : x.product(axis + 1, x.rank()));
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < condition.dim(0); ++i)
    if (condition.data<uint8_t>()[i]) {
      if (i >= size)
        call.fail("expected a condition that is false from place %lld on, got true at %lld",
                  static_cast<long long>(size), static_cast<long long>(i));
      chosen.push_back(i);
    }
  std::vector<int64_t> dims(x.dims().begin(), x.dims().end());
  if (flat)
    dims.assign(1, 0);
  dims[size_t(axis)] = int64_t(chosen.size());
  char *y = call.result<char>(0, dims);
  for (int64_t outer = 0; outer < before; ++outer)
    for (int64_t i : chosen) {
      if (slice != 0)
        std::memcpy(y, x.data<char>() + size_t(outer * size + i) * slice, slice);
      y += slice;
    }
}
