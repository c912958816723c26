//===- Sequence.cpp - Sequences and optionals -----------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lists never change, so the elements of operands are shared, not copied.
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Element.h"
#include "runtime/src/routines/Routine.h"

#include <cstring>

using namespace fsc::runtime;

namespace {

/// The only integer of a tensor of int32 or int64.
int64_t integerOf(Array x, int64_t index = 0) {
  return Type(x.dtype()) == Type::i32 ? int64_t(x.data<int32_t>()[index]) : x.data<int64_t>()[index];
}

/// The place that operand `index` says, counted from the end if it is negative: at most `last`. `otherwise`, if there
/// is no operand.
int64_t positionOf(Call &call, size_t index, int64_t size, int64_t last, int64_t otherwise) {
  int64_t position = otherwise;
  if (Array given = call.input(index))
    position = integerOf(given);
  if (position < -size || position > last)
    call.fail("expected a position in [%lld, %lld], as the sequence has %lld elements, got %lld",
              static_cast<long long>(-size), static_cast<long long>(last), static_cast<long long>(size),
              static_cast<long long>(position));
  return position < 0 ? position + size : position;
}

/// Copies the part [from, from + length) along an axis.
void copyPart(Array x, int32_t axis, int64_t from, int64_t length, char *part) {
  size_t inner = size_t(x.product(axis + 1, x.rank())) * x.elementBytes();
  size_t row = size_t(x.dim(axis)) * inner, bytes = size_t(length) * inner;
  for (int64_t outer = 0, count = x.product(0, axis); outer < count && bytes; ++outer)
    std::memcpy(part + size_t(outer) * bytes, x.data<char>() + size_t(outer) * row + size_t(from) * inner, bytes);
}

/// The sizes of the parts along the axis.
std::vector<int64_t> partSizes(Call &call, Array split, int64_t size) {
  std::vector<int64_t> sizes;
  if (split && split.rank() == 1) {
    int64_t sum = 0;
    for (int64_t i = 0; i < split.elements(); ++i) {
      sizes.push_back(integerOf(split, i));
      if (sizes.back() < 0 || sizes.back() > size - sum)
        call.fail("expected a split of sizes whose sum is %lld, got the size %lld", static_cast<long long>(size),
                  static_cast<long long>(sizes.back()));
      sum += sizes.back();
    }
    if (sum != size)
      call.fail("expected a split of sizes whose sum is %lld, got %lld", static_cast<long long>(size),
                static_cast<long long>(sum));
    return sizes;
  }
  int64_t each = split ? integerOf(split) : 1;
  if (each < 1)
    call.fail("expected a split of at least 1, got %lld", static_cast<long long>(each));
  for (int64_t from = 0; from < size; from += sizes.back())
    sizes.push_back(std::min(each, size - from));
  return sizes;
}

} // namespace

//===----------------------------------------------------------------------===//
// Sequences
//===----------------------------------------------------------------------===//

FSC_ROUTINE(SequenceEmpty) { call.giveList(0, 0); }

FSC_ROUTINE(SequenceConstruct) {
  std::vector<fsc_abi_element> elements;
  for (size_t i = 0; call.input(i); ++i)
    elements.push_back(call.input(i).asElement());
  call.giveList(0, call.makeList(elements));
}

FSC_ROUTINE(SequenceInsert) {
  int64_t list = call.list(0), size = call.listSize(list);
  fsc_abi_element element = call.input(1).asElement();
  call.giveList(0, call.splice(list, positionOf(call, 2, size, size, size), 0, {&element, 1}));
}

FSC_ROUTINE(SequenceErase) {
  int64_t list = call.list(0), size = call.listSize(list);
  call.giveList(0, call.splice(list, positionOf(call, 1, size, size - 1, -1), 1, {}));
}

FSC_ROUTINE(SequenceAt) {
  int64_t list = call.list(0), size = call.listSize(list);
  call.giveElement(0, call.listElement(list, positionOf(call, 1, size, size - 1, -1)));
}

FSC_ROUTINE(SequenceLength) { *call.result<int64_t>(0, {}) = call.listSize(call.list(0)); }

FSC_ROUTINE(SplitToSequence) {
  Array x = call.input(0), split = call.input(1);
  int32_t axis = call.axis(x.rank(), 0);
  bool keeps = split || call.integer("keepdims", 1) != 0;
  std::vector<int64_t> sizes = partSizes(call, split, x.dim(axis)), dims(x.dims().begin(), x.dims().end());
  int64_t list = 0, from = 0, count = 0;
  std::vector<char> part;
  std::vector<int64_t> partDims;
  for (int64_t size : sizes) {
    dims[size_t(axis)] = size;
    partDims = dims;
    if (!keeps)
      partDims.erase(partDims.begin() + axis);
    part.resize(size_t(x.product(0, axis) * size * x.product(axis + 1, x.rank())) * x.elementBytes());
    copyPart(x, axis, from, size, part.data());
    fsc_abi_element element = {part.data(), partDims.data(), x.dtype(), int32_t(partDims.size())};
    list = call.splice(list, count++, 0, {&element, 1});
    from += size;
  }
  call.giveList(0, list);
}

FSC_ROUTINE(ConcatFromSequence) {
  int64_t list = call.list(0), size = call.listSize(list);
  bool isNew = call.integer("new_axis", 0) != 0;
  if (size == 0)
    call.fail("expected a sequence of at least one element");
  fsc_abi_element first = call.listElement(list, 0);
  int32_t rank = first.rank + (isNew ? 1 : 0), axis = call.axis(rank, 0);
  std::vector<int64_t> dims(first.dims, first.dims + first.rank);
  if (axis < 0 || axis >= rank)
    call.fail("expected axis in [%d, %d), got %d", -rank, rank, axis);
  if (isNew)
    dims.insert(dims.begin() + axis, 1);
  int64_t total = 0;
  for (int64_t i = 0; i < size; ++i) {
    fsc_abi_element element = call.listElement(list, i);
    bool fits = element.dtype == call.resultType(0) && element.rank == first.rank;
    for (int32_t place = 0; fits && place < element.rank; ++place)
      fits = (!isNew && place == axis) || element.dims[place] == first.dims[place];
    if (!fits)
      call.fail("expected elements of the same sizes but for axis %d, got another one at place %lld", axis,
                static_cast<long long>(i));
    total += isNew ? 1 : element.dims[axis];
  }
  dims[size_t(axis)] = total;
  auto *result = static_cast<char *>(call.result(0, dims));
  size_t outer = 1, inner = bytesOf(first.dtype);
  for (int32_t place = 0; place < rank; ++place)
    (place < axis ? outer : inner) *= place == axis ? 1 : size_t(dims[size_t(place)]);
  size_t row = size_t(total) * inner, at = 0;
  for (int64_t i = 0; i < size; ++i) {
    fsc_abi_element element = call.listElement(list, i);
    size_t bytes = isNew ? inner : size_t(element.dims[axis]) * inner;
    for (size_t o = 0; o < outer && bytes; ++o)
      std::memcpy(result + o * row + at, static_cast<const char *>(element.data) + o * bytes, bytes);
    at += bytes;
  }
}

//===----------------------------------------------------------------------===//
// Optionals
//===----------------------------------------------------------------------===//

FSC_ROUTINE(Optional) {
  if (!call.input(0))
    return call.giveList(0, 0);
  fsc_abi_element element = call.input(0).asElement();
  call.giveList(0, call.makeList({&element, 1}));
}

FSC_ROUTINE(OptionalGetElement) {
  if (call.listSize(call.list(0)) == 0)
    call.fail("expected an optional with an element, got an empty one");
  call.giveElement(0, call.listElement(call.list(0), 0));
}

FSC_ROUTINE(OptionalHasElement) {
  Array x = call.input(0);
  bool isOptional = x && x.dtype() == FSC_ABI_OPTIONAL;
  *call.result<uint8_t>(0, {}) = isOptional ? call.listSize(call.list(0)) > 0 : bool(x);
}

//===----------------------------------------------------------------------===//
// Loops that make lists; the operands of EndIteration are those that are carried on
//===----------------------------------------------------------------------===//

FSC_ROUTINE(EnterLoop) { call.tellLoop(FSC_ABI_LOOP_BEGINS); }

FSC_ROUTINE(EndIteration) {
  std::vector<int64_t> carried;
  for (size_t i = 0; call.input(i); ++i)
    carried.push_back(call.list(i));
  call.tellLoop(FSC_ABI_ITERATION_ENDS, carried);
}

FSC_ROUTINE(LeaveLoop) { call.tellLoop(FSC_ABI_LOOP_ENDS); }
