//===- MatMulNBits.cpp - Product with a matrix of few bits ----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Quantize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fsc {

Anchor MatMulNBitsOp::getAnchor() { return Anchor::contraction; }
double MatMulNBitsOp::countFlops() { return 2 * detail::countElements(getY()) * double(getK()); }

static int64_t countBlocks(MatMulNBitsOp op) {
  return llvm::divideCeil(int64_t(op.getK()), int64_t(op.getBlockSize()));
}
static int64_t zeroBytes(MatMulNBitsOp op) { return llvm::divideCeil(countBlocks(op) * int64_t(op.getBits()), 8); }

/// Whether `tensor` is [N, columns], flat or not, as far as is known.
static bool isTable(MatMulNBitsOp op, Value tensor, int64_t columns) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t rows = op.getN();
  if (type.getRank() == 1)
    return type.isDynamicDim(0) || type.getDimSize(0) == rows * columns;
  return type.getRank() == 2 && (type.isDynamicDim(0) || type.getDimSize(0) == rows) &&
         (type.isDynamicDim(1) || type.getDimSize(1) == columns);
}

LogicalResult MatMulNBitsOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  constexpr int64_t limit = int64_t(1) << 30;
  int64_t k = getK(), n = getN(), bits = getBits(), block = getBlockSize();
  // matmul_nbits.C1: the format is one that can be read.
  if ((bits != 2 && bits != 4 && bits != 8) || block < 8 || block > limit || !llvm::isPowerOf2_64(block) || k < 1 ||
      n < 1 || k > limit || n > limit)
    return emitOpError("expected bits of 2, 4 or 8, a block_size that is a power of two, and positive K and N");
  // matmul_nbits.C2: elements are in their order.
  if (getGIdx())
    return emitOpError("expected no g_idx: elements in another order are not supported");
  Shape a = shapes.dims(getA());
  // matmul_nbits.C3: the operand's rows have K floats.
  if (a.empty() || (a.back().isKnown() && a.back().get() != k) || !isa<FloatType>(getA().getType().getElementType()))
    return emitOpError() << "expected an operand with rows of " << k << " floats, got " << getA().getType();
  RankedTensorType b = getB().getType();
  int64_t wanted[] = {n, countBlocks(*this), block * bits / 8};
  bool legal = b.getRank() == 3 && b.getElementType().isUnsignedInteger(8);
  for (int64_t i = 0; legal && i < 3; ++i)
    legal = b.isDynamicDim(i) || b.getDimSize(i) == wanted[i];
  // matmul_nbits.C4: the matrix, its scales and its zero points have a place for every block.
  if (!legal)
    return emitOpError() << "expected a matrix tensor<" << n << "x" << wanted[1] << "x" << wanted[2] << "xui8>, got "
                         << b;
  if (!isTable(*this, getScales(), wanted[1]) || !isa<FloatType>(getScales().getType().getElementType()))
    return emitOpError() << "expected one scale for each block, got " << getScales().getType();
  if (getZeroPoints()) {
    Type type = getZeroPoints().getType().getElementType();
    bool packed = type.isUnsignedInteger(8);
    if (!(packed || isa<FloatType>(type)) || !isTable(*this, getZeroPoints(), packed ? zeroBytes(*this) : wanted[1]))
      return emitOpError() << "expected one zero point for each block, got " << getZeroPoints().getType();
  }
  if (getBias() && (getBias().getType().getRank() != 1 ||
                    (!getBias().getType().isDynamicDim(0) && getBias().getType().getDimSize(0) != n)))
    return emitOpError() << "expected a bias of " << n << " elements, got " << getBias().getType();
  a.back() = Dim(n);
  results.push_back(a);
  return success();
}

namespace {

/// How the lowering reads the matrix.
struct NBits {
  LinalgBuilder &b;
  MatMulNBitsOp op;

  Scalar loadTable(unsigned operand, Value row, Value column, int64_t columns) {
    if (b.rank(operand) == 2)
      return b.load(operand, {row, column});
    return b.load(operand, b.add(b.mul(row, b.index(columns)), column));
  }

  /// The unsigned number of `bits` bits at place `index` of a sequence of bytes.
  Scalar unpack(Value index, llvm::function_ref<Scalar(Value)> loadByte) {
    int64_t bits = op.getBits();
    Value first = b.mul(index, b.index(bits));
    Type type = b.b.getI32Type();
    Scalar byte = cast(loadByte(b.floorDiv(first, b.index(8))), type);
    Scalar shift = b.fromIndex(b.rem(first, b.index(8)), type);
    return shiftRight(byte, shift) & byte.likeInt((int64_t(1) << bits) - 1);
  }

  Scalar zeroPoint(Value row, Value block, Type compute) {
    if (!op.getZeroPoints())
      return b.constant(double(int64_t(1) << (op.getBits() - 1)), compute);
    if (!b.elementType(3).isUnsignedInteger(8))
      return cast(loadTable(3, row, block, countBlocks(op)), compute);
    Scalar packed = unpack(block, [&](Value byte) { return loadTable(3, row, byte, zeroBytes(op)); });
    return cast(packed, compute);
  }
};

} // namespace

LogicalResult MatMulNBitsOp::lowerToLinalg(LinalgBuilder &b) {
  Type compute = computeType(b.elementType(0));
  NBits matrix{b, *this};
  Value blockSize = b.index(getBlockSize()), depth = b.index(getK()), blocks = b.index(countBlocks(*this));
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value row = at.back();
    Scalar total = b.loop(b.index(0), blocks, b.constant(0, compute), [&](Value block, Scalar sum) {
      Value first = b.mul(block, blockSize);
      Value size = b.minimum(blockSize, b.sub(depth, first));
      Scalar zero = matrix.zeroPoint(row, block, compute);
      Scalar scale = cast(matrix.loadTable(2, row, block, countBlocks(*this)), compute);
      return b.loop(b.index(0), size, sum, [&](Value j, Scalar partial) {
        SmallVector<Value> place(at);
        place.back() = b.add(first, j);
        Scalar q = matrix.unpack(j, [&](Value byte) { return b.load(1, {row, block, byte}); });
        return partial + b.load(0, place) * ((cast(q, compute) - zero) * scale);
      });
    });
    unsigned bias = 3 + (getZeroPoints() ? 1 : 0);
    return getBias() ? total + cast(b.load(bias, row), compute) : total;
  }));
  return success();
}

} // namespace fsc
