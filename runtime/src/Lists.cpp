//===- Lists.cpp - Lists on their way into and out of a run ---------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the caller has as fsc_list, compiled code has as a number. The elements of inputs are
// copied; those of outputs are not, but live until the session's next run has ended.
//
//===----------------------------------------------------------------------===//

#include "runtime/src/Session.h"
#include "runtime/src/Tensor.h"
#include "runtime/src/routines/Element.h"

#include <algorithm>
#include <cinttypes>
#include <cstring>
#include <new>

using namespace fsc::runtime;

namespace {

/// Of a contiguous tensor as compiled code has it. False if no memory can hold it.
bool bytesOfElements(int32_t dtype, int32_t rank, const int64_t *dims, int64_t &count, int64_t &bytes) {
  // Of the caller's types none is smaller than compiled code's, but for those that are packed.
  if (!storedBytes(dtype, rank, dims, bytes))
    return false;
  count = 1;
  for (int32_t axis = 0; axis < rank && count; ++axis)
    count *= bytes == 0 ? 0 : dims[axis];
  bytes = count * int64_t(bytesOf(dtype));
  return true;
}

} // namespace

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

Status Session::bindList(size_t index, const fsc_tensor &tensor) {
  const fsc_value &value = module->inputs().values[index];
  List list;
  try {
    if (Status status = importElements(value.name, value, tensor, list))
      return status;
    inputs[index].list = lists.add(std::move(list));
  } catch (const std::bad_alloc &) {
    return failure(FSC_ERROR_OUT_OF_MEMORY, "out of memory: a copy of input '%s'", value.name);
  }
  inputs[index].begin = inputs[index].end = 0;
  inputTensors[index] = {&inputs[index].list, inputDims.data() + module->inputs().firstDim[index]};
  return success();
}

/// The elements of the list that `tensor` is, of type `type`.
Status Session::importElements(const char *name, const fsc_value &type, const fsc_tensor &tensor, List &list) {
  if (!tensor.data)
    return failure(FSC_ERROR_ARGUMENT, "input '%s': the data of a %s is null", name, fsc_dtype_name(type.dtype));
  fsc_list given;
  std::memcpy(&given, tensor.data, sizeof(given));
  if (given.size > 0 && !given.elements)
    return failure(FSC_ERROR_ARGUMENT, "input '%s': the elements of a %s are null", name, fsc_dtype_name(type.dtype));
  bool isMap = type.dtype == FSC_MAP;
  if (isMap ? given.size != 2 : type.dtype == FSC_OPTIONAL && given.size > 1)
    return failure(FSC_ERROR_INPUT, "input '%s': expected %s, got %zu elements", name,
                   isMap ? "the keys and the values of a map" : "an optional of at most one element", given.size);
  std::vector<ElementRef> elements(given.size);
  for (size_t i = 0; i < given.size; ++i)
    if (Status status = importElement(name, type.element[isMap ? i : 0], given.elements[i], elements[i]))
      return status;
  if (isMap && elements[0]->dims != elements[1]->dims)
    return failure(FSC_ERROR_INPUT, "input '%s': expected as many values of a map as keys", name);
  list = makeList(elements);
  return success();
}

Status Session::importElement(const char *name, const fsc_value &type, const fsc_tensor &tensor, ElementRef &result) {
  if (tensor.dtype != type.dtype) {
    const char *got = fsc_dtype_name(tensor.dtype);
    return failure(FSC_ERROR_INPUT, "input '%s': expected elements of %s, got %s", name, fsc_dtype_name(type.dtype),
                   got ? got : "an unknown type");
  }
  if (tensor.rank < 0 || tensor.rank > maxRank || (type.rank >= 0 && tensor.rank != type.rank))
    return failure(FSC_ERROR_INPUT, "input '%s': expected elements of rank %d, got rank %d", name, type.rank,
                   tensor.rank);
  auto element = std::make_shared<ListElement>();
  element->dtype = tensor.dtype;
  if (isList(type.dtype)) {
    result = element;
    return importElements(name, type, tensor, element->list);
  }
  if (tensor.rank > 0 && !tensor.dims)
    return failure(FSC_ERROR_ARGUMENT, "input '%s': the dims of an element are null", name);
  element->dims.assign(tensor.dims, tensor.dims + tensor.rank);
  for (int32_t axis = 0; axis < type.rank; ++axis)
    if (int64_t expected = type.dims[axis].size; expected >= 0 && tensor.dims[axis] != expected)
      return failure(FSC_ERROR_INPUT, "input '%s': dim %d of an element is %" PRId64 ", expected %" PRId64, name, axis,
                     tensor.dims[axis], expected);
  int64_t count, bytes;
  if (!bytesOfElements(tensor.dtype, tensor.rank, tensor.dims, count, bytes))
    return failure(FSC_ERROR_INPUT, "input '%s': no memory holds an element of %s", name,
                   dimsText(tensor.rank, tensor.dims).c_str());
  if (tensor.strides && fsc_dtype_bits(tensor.dtype) < 8)
    return failure(FSC_ERROR_INPUT, "input '%s': an array of %s cannot have strides", name,
                   fsc_dtype_name(tensor.dtype));
  if (bytes > 0 && !tensor.data)
    return failure(FSC_ERROR_ARGUMENT, "input '%s': the data of an element is null", name);
  if (!element->data.reserve(size_t(bytes)))
    throw std::bad_alloc();
  result = element;
  if (tensor.dtype != FSC_STRING) {
    gather(tensor, element->data.data());
    return success();
  }
  Buffer strings;
  if (!strings.reserve(size_t(count) * sizeof(fsc_string)))
    throw std::bad_alloc();
  gather(tensor, strings.data());
  return internStrings(name, strings.data(), size_t(count), static_cast<int64_t *>(element->data.data()));
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

Status Session::exportLists() {
  const std::vector<fsc_value> &values = module->outputs().values;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!isList(values[i].dtype))
      continue;
    try {
      int64_t number;
      std::memcpy(&number, outputs[i].data, sizeof(number));
      ListResult result;
      result.elements = lists.find(number);
      exportElements(result.elements, result, result.list);
      outputs[i].list = std::move(result);
    } catch (const std::bad_alloc &) {
      return failure(FSC_ERROR_OUT_OF_MEMORY, "out of memory: output '%s'", values[i].name);
    }
  }
  return success();
}

void Session::exportElements(const List &list, ListResult &result, fsc_list &target) {
  std::vector<fsc_tensor> &tensors = result.tensors.emplace_back();
  for (int64_t i = 0, size = sizeOf(list); i < size; ++i)
    tensors.push_back(exportElement(*elementAt(list, i), result));
  target = {tensors.data(), tensors.size()};
}

fsc_tensor Session::exportElement(const ListElement &element, ListResult &result) {
  if (!isList(element.dtype))
    return {exportedData(element, result), element.dtype, int32_t(element.dims.size()), element.dims.data(), nullptr};
  fsc_list &inner = result.lists.emplace_back();
  exportElements(element.list, result, inner);
  return {&inner, element.dtype, 0, nullptr, nullptr};
}

/// The elements as the caller has them: strings as such, narrow ones packed.
void *Session::exportedData(const ListElement &element, ListResult &result) {
  bool isText = element.dtype == FSC_STRING;
  if (!isText && !isPacked(element.dtype))
    return element.data.data();
  int64_t bytes = 0;
  arrayBytes(element.dtype, int32_t(element.dims.size()), element.dims.data(), bytes);
  Buffer &copy = result.copies.emplace_back();
  if (!copy.reserve(size_t(bytes)))
    throw std::bad_alloc();
  if (isText)
    resolveStrings(static_cast<const int64_t *>(element.data.data()), size_t(bytes) / sizeof(fsc_string), copy.data());
  else
    scatter(element.data.data(),
            {copy.data(), element.dtype, int32_t(element.dims.size()), element.dims.data(), nullptr});
  return copy.data();
}

//===----------------------------------------------------------------------===//
// For routines
//===----------------------------------------------------------------------===//

int32_t Session::listElement(int64_t list, int64_t index, fsc_abi_element &element) {
  const List &found = lists.find(list);
  if (index < 0 || index >= sizeOf(found))
    return fail(FSC_ABI_ERROR_INTERNAL, "the compiled code asked a list for an element that it does not have");
  const ListElement &kept = *elementAt(found, index);
  element = {kept.data.data(), kept.dims.data(), kept.dtype, int32_t(kept.dims.size())};
  if (!isList(kept.dtype))
    return FSC_ABI_OK;
  try {
    lastListNumber = lists.add(kept.list);
  } catch (const std::exception &) {
    return fail(FSC_ABI_ERROR_OUT_OF_MEMORY, "out of memory: a list cannot be kept");
  }
  element.data = &lastListNumber;
  return FSC_ABI_OK;
}

ElementRef Session::keepElement(const fsc_abi_element &element) {
  auto kept = std::make_shared<ListElement>();
  kept->dtype = element.dtype;
  if (isList(element.dtype)) {
    int64_t number;
    std::memcpy(&number, element.data, sizeof(number));
    kept->list = lists.find(number);
    return kept;
  }
  kept->dims.assign(element.dims, element.dims + element.rank);
  int64_t count, bytes;
  if (!bytesOfElements(element.dtype, element.rank, element.dims, count, bytes) || !kept->data.reserve(size_t(bytes)))
    throw std::bad_alloc();
  if (bytes > 0)
    std::memcpy(kept->data.data(), element.data, size_t(bytes));
  return kept;
}

int64_t Session::listSplice(int64_t number, int64_t index, int64_t erased, const fsc_abi_element *elements,
                            int64_t count) {
  try {
    List list = lists.find(number);
    int64_t size = sizeOf(list);
    if (index < 0 || erased < 0 || count < 0 || index > size || erased > size - index) {
      fail(FSC_ABI_ERROR_INTERNAL, "the compiled code changed a list where it has no elements");
      return -1;
    }
    for (int64_t i = 0; i < erased; ++i)
      list = eraseAt(list, index);
    std::vector<ElementRef> kept;
    for (int64_t i = 0; i < count; ++i)
      kept.push_back(keepElement(elements[i]));
    if (!list)
      return lists.add(makeList(kept));
    for (int64_t i = 0; i < count; ++i)
      list = insertAt(list, index + i, std::move(kept[size_t(i)]));
    return lists.add(std::move(list));
  } catch (const std::exception &) {
    fail(FSC_ABI_ERROR_OUT_OF_MEMORY, "out of memory: a list cannot be kept");
    return -1;
  }
}

int32_t Session::listLoop(int32_t event, const int64_t *carried, int64_t count) {
  try {
    if (event == FSC_ABI_LOOP_BEGINS)
      lists.enterLoop();
    else if (event == FSC_ABI_ITERATION_ENDS)
      lists.endIteration({carried, size_t(count)});
    else
      lists.leaveLoop();
  } catch (const std::exception &) {
    return fail(FSC_ABI_ERROR_OUT_OF_MEMORY, "out of memory: a list cannot be kept");
  }
  return FSC_ABI_OK;
}
