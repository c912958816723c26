//===- Tensor.h - Strided arrays --------------------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the runtime does to a caller's array before compiled code sees it, which
// takes contiguous, row-major, element-aligned buffers only.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_TENSOR_H
#define FSC_RUNTIME_SRC_TENSOR_H

#include "runtime/include/fsc/fsc.h"

#include <cstdint>
#include <string>

namespace fsc::runtime {

constexpr int32_t maxRank = 64;

/// Bytes of a contiguous array, its last byte possibly filled in part. False if a
/// dimension is negative, the type is unknown or the size overflows an int64_t.
bool arrayBytes(int32_t dtype, int32_t rank, const int64_t *dims, int64_t &bytes);

/// The same of the array as compiled code has it: with at least a byte for each element.
bool storedBytes(int32_t dtype, int32_t rank, const int64_t *dims, int64_t &bytes);

/// True for the types of lists: FSC_SEQUENCE and its like.
constexpr bool isList(int32_t dtype) { return dtype >= FSC_SEQUENCE && dtype <= FSC_MAP; }

/// True if elements of the type are narrower than a byte: packed in the caller's arrays,
/// the first in the lowest bits, and zero-extended to a byte each for compiled code.
bool isPacked(int32_t dtype);

/// True if compiled code can use the tensor's memory as it is. `aligned` elements of whole
/// bytes, no gaps and no steps; dimensions of size 1 may have any stride.
bool isUsableInPlace(const fsc_tensor &tensor);

/// True if two different indices of the tensor may name the same byte.
bool overlapsItself(const fsc_tensor &tensor);

/// The bytes that the tensor spans: [begin, end).
void tensorExtent(const fsc_tensor &tensor, uintptr_t &begin, uintptr_t &end);

/// Copies the tensor into contiguous memory as compiled code has it, and back. A packed
/// tensor may be where the contiguous memory begins.
void gather(const fsc_tensor &tensor, void *contiguous);
void scatter(const void *contiguous, const fsc_tensor &tensor);

/// "2x3x4", for messages.
std::string dimsText(int32_t rank, const int64_t *dims);

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_TENSOR_H
