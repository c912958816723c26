//===- NonZero.cpp - Where the elements are that are not 0 ----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Element.h"
#include "runtime/src/routines/Routine.h"

using namespace fsc::runtime;

FSC_ROUTINE(NonZero) {
  Array x = call.input(0);
  int64_t elements = x.elements(), rank = x.rank();
  std::vector<int64_t> places;
  withType(x.dtype(), [&]<typename T>() {
    for (int64_t i = 0; i < elements; ++i)
      // A NaN is not 0, -0 is.
      if (!(x.data<T>()[i] == T{}))
        places.push_back(i);
  });
  int64_t count = int64_t(places.size());
  int64_t *y = call.result<int64_t>(0, {rank, count});
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = places[size_t(i)];
    for (int64_t axis = rank; axis-- > 0;) {
      y[axis * count + i] = rest % x.dim(int32_t(axis));
      rest /= x.dim(int32_t(axis));
    }
  }
}
