//===- Layout.cpp - Constants and permutations ----------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/layout/Layout.h"

#include "dialects/fsc/ops/Kernel.h"
#include "dialects/fsc/ops/Movement.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace fsc {

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

ArrayRef<char> viewElements(ElementsAttr elements, SmallVectorImpl<char> &storage) {
  auto type = cast<ShapedType>(elements.getType());
  if (type.getElementType().isInteger(1))
    return {};
  size_t width = storageBytes(type.getElementType()), bytes = width * size_t(type.getNumElements());
  ArrayRef<char> data;
  bool splat = false;
  if (auto dense = dyn_cast<DenseElementsAttr>(elements)) {
    data = dense.getRawData();
    splat = dense.isSplat();
  } else if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      data = blob->getData();
  }
  if (data.size() < (splat ? width : bytes))
    return {};
  if (!splat)
    return data.take_front(bytes);
  storage.reserve(bytes);
  while (storage.size() < bytes)
    storage.append(data.begin(), data.begin() + width);
  return storage;
}

ElementsAttr withShape(ElementsAttr elements, ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(elements.getType()).clone(shape);
  if (auto dense = dyn_cast<DenseElementsAttr>(elements))
    return dense.reshape(type);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return {};
}

Value makeConstant(OpBuilder &builder, Location loc, RankedTensorType type, StringRef name,
                   llvm::function_ref<void(MutableArrayRef<char>)> fill) {
  // Attributes live as long as the context; the elements of a resource can be freed.
  constexpr size_t maxInAttribute = 256;
  constexpr size_t alignment = 64;
  size_t bytes = size_t(type.getNumElements()) * storageBytes(type.getElementType());
  if (bytes <= maxInAttribute) {
    SmallVector<char> data(bytes, 0);
    fill(data);
    return ConstantOp::create(builder, loc, type, DenseElementsAttr::getFromRawBuffer(type, data));
  }
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(bytes, alignment);
  MutableArrayRef<char> data = blob.getMutableData();
  std::fill(data.begin(), data.end(), 0);
  fill(data);
  return ConstantOp::create(builder, loc, type, DenseResourceElementsAttr::get(type, name, std::move(blob)));
}

//===----------------------------------------------------------------------===//
// Permutations
//===----------------------------------------------------------------------===//

SmallVector<int64_t> invertPermutation(ArrayRef<int64_t> perm) {
  SmallVector<int64_t> inverse(perm.size());
  for (auto [to, from] : llvm::enumerate(perm))
    inverse[from] = to;
  return inverse;
}

SmallVector<int64_t> permute(ArrayRef<int64_t> values, ArrayRef<int64_t> perm) {
  return llvm::map_to_vector(perm, [&](int64_t from) { return values[from]; });
}

bool isIdentityPermutation(ArrayRef<int64_t> perm) {
  return llvm::all_of(llvm::enumerate(perm), [](auto entry) { return int64_t(entry.index()) == entry.value(); });
}

Value transpose(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> perm) {
  auto type = cast<RankedTensorType>(value.getType());
  return TransposeOp::create(builder, loc, type.clone(permute(type.getShape(), perm)), value,
                             builder.getDenseI64ArrayAttr(perm));
}

Value transposeConstant(OpBuilder &builder, Location loc, ElementsAttr elements, ArrayRef<int64_t> perm) {
  SmallVector<char, 0> storage;
  ArrayRef<char> source = viewElements(elements, storage);
  auto type = cast<RankedTensorType>(elements.getType());
  if (!source.data())
    return {};
  size_t width = storageBytes(type.getElementType());
  SmallVector<int64_t> sizes = permute(type.getShape(), perm), strides(type.getRank(), 1);
  for (int64_t axis = type.getRank() - 1; axis-- > 0;)
    strides[axis] = strides[axis + 1] * type.getDimSize(axis + 1);
  strides = permute(strides, perm);
  return makeConstant(builder, loc, type.clone(sizes), "transposed", [&](MutableArrayRef<char> target) {
    SmallVector<int64_t> at(sizes.size(), 0);
    int64_t from = 0;
    for (size_t to = 0; to < target.size(); to += width) {
      std::memcpy(target.data() + to, source.data() + from * width, width);
      // The next place, the last dim fastest.
      for (size_t axis = sizes.size(); axis-- > 0;) {
        from += strides[axis];
        if (++at[axis] < sizes[axis])
          break;
        from -= strides[axis] * sizes[axis];
        at[axis] = 0;
      }
    }
  });
}

Value reshape(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> sizes) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> wanted =
      llvm::map_to_vector(sizes, [](int64_t size) { return ShapedType::isDynamic(size) ? int64_t(-1) : size; });
  auto shapeType = RankedTensorType::get({int64_t(sizes.size())}, builder.getI64Type());
  Value shape =
      ConstantOp::create(builder, loc, shapeType, DenseElementsAttr::get(shapeType, ArrayRef<int64_t>(wanted)));
  // A size of 0 is one, not the operand's.
  int64_t allowZero = llvm::is_contained(sizes, 0) ? 1 : 0;
  return ReshapeOp::create(builder, loc, type.clone(sizes), value, shape, builder.getI64IntegerAttr(allowZero));
}

} // namespace fsc
