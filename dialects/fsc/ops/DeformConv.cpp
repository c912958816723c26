//===- DeformConv.cpp - Deformable convolution ----------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A convolution each of whose taps is moved by an offset from data and weighted by
// a mask (Dai et al., 2017; Zhu et al., 2019). Elements between places are
// interpolated linearly; those outside of the operand are 0. Refuses operands of
// more than four spatial dims, whose corners would be too many.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Convolution.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc {

namespace {

int64_t countTaps(const Window &window) {
  int64_t taps = 1;
  for (int64_t size : window.kernel)
    taps *= size;
  return taps;
}

} // namespace

FailureOr<Window> DeformConvOp::getWindow() {
  SmallVector<int64_t> kernel(getW().getType().getShape().drop_front(2));
  if (getKernelShape()) {
    ArrayRef<int64_t> given = *getKernelShape();
    // deform_conv.C2: kernel_shape is that of the filter.
    bool fits = given.size() == kernel.size();
    for (size_t axis = 0; fits && axis < kernel.size(); ++axis)
      fits = ShapedType::isDynamic(kernel[axis]) || kernel[axis] == given[axis];
    if (!fits)
      return emitOpError() << "expected the filter's sizes in kernel_shape, got " << getW().getType();
    kernel.assign(given.begin(), given.end());
  }
  // deform_conv.C3: the filter's sizes are known, and are not so many that their product is no number.
  constexpr int64_t mostTaps = int64_t(1) << 30;
  int64_t taps = 1;
  for (int64_t size : kernel) {
    if (ShapedType::isDynamic(size) || size < 1 || size > mostTaps / taps)
      return emitOpError() << "expected a filter of known spatial sizes, got " << getW().getType();
    taps *= size;
  }
  return readWindow(*this, kernel, "NOTSET", getPads(), getStrides(), getDilations(), false);
}

LogicalResult DeformConvOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape x = shapes.dims(getX()), w = shapes.dims(getW()), offset = shapes.dims(getOffset());
  // deform_conv.C1: floats of one type; x, w and the offsets have one rank of one to four spatial dims.
  Type type = getX().getType().getElementType();
  constexpr size_t mostDims = 4;
  bool isLegal = isa<FloatType>(type) && x.size() >= 3 && x.size() <= mostDims + 2 && w.size() == x.size() &&
                 offset.size() == x.size();
  for (Value operand : getOperands())
    isLegal &= cast<RankedTensorType>(operand.getType()).getElementType() == type;
  if (!isLegal)
    return emitOpError() << "expected floats, and x, W and offset of one rank from 3 to 6, got " << getOperandTypes();
  FailureOr<Window> window = getWindow();
  if (failed(window))
    return failure();
  int64_t group = getGroup(), offsetGroup = getOffsetGroup(), spatial = int64_t(window->rank());
  // deform_conv.C4: the groups divide the channels and the filters.
  constexpr int64_t mostGroups = int64_t(1) << 30;
  auto divides = [](int64_t group, Dim size) { return !size.isKnown() || size.get() % group == 0; };
  if (group < 1 || offsetGroup < 1 || group > mostGroups || offsetGroup > mostGroups || !divides(group, w[0]) ||
      !divides(offsetGroup, x[1]) || differ(x[1], w[1] * Dim(group)))
    return emitOpError() << "expected channels that offset_group divides, and filters of 1 / group of them, got "
                         << getX().getType() << " and " << getW().getType();
  // deform_conv.C5: an offset in each dim, and one number of the mask, for each tap and group of offsets.
  Dim taps = Dim(countTaps(*window)) * Dim(offsetGroup);
  Shape y = {x[0], w[0]};
  for (int64_t axis = 0; axis < spatial; ++axis)
    y.push_back(window->outputSize(axis, x[2 + axis]));
  auto isPerTap = [&](Value tensor, Dim channels) {
    Shape sizes = shapes.dims(tensor);
    bool fits = sizes.size() == y.size() && !differ(sizes[0], y[0]) && !differ(sizes[1], channels);
    for (size_t axis = 2; fits && axis < y.size(); ++axis)
      fits = !differ(sizes[axis], y[axis]);
    return fits;
  };
  if (!isPerTap(getOffset(), taps * Dim(spatial)) || (getMask() && !isPerTap(getMask(), taps)))
    return emitOpError() << "expected offsets and a mask for each tap at each place of the result, got "
                         << getOperandTypes();
  // deform_conv.C6: one bias per filter.
  if (getB() && (getB().getType().getRank() != 1 || differ(shapes.dims(getB())[0], w[0])))
    return emitOpError() << "expected a bias with one element per filter, got " << getB().getType();
  results.push_back(y);
  return success();
}

double DeformConvOp::countFlops() {
  FailureOr<Window> window = getWindow();
  double taps = succeeded(window) ? double(countTaps(*window)) : 1;
  double corners = double(int64_t(1) << (getX().getType().getRank() - 2));
  int64_t perGroup = getW().getType().getDimSize(1);
  return 2 * corners * detail::countElements(getY()) * taps * double(std::max<int64_t>(perGroup, 1));
}

namespace {

class Deformation {
public:
  Deformation(DeformConvOp op, LinalgBuilder &b, const Window &window)
      : b(b), window(window), spatial(int64_t(window.rank())), type(computeType(b.elementType(0))),
        offset(b.indexOf(op.getOffset())), taps(b.index(countTaps(window))) {
    if (op.getMask())
      mask = b.indexOf(op.getMask());
    for (int64_t axis = 0; axis < spatial; ++axis)
      sizes.push_back(b.dim(0, 2 + axis));
  }

  /// What tap `k` of the filter reads of a channel, weighted by the mask.
  Scalar sample(ArrayRef<Value> at, Value channel, Value offsets, ArrayRef<Value> k) {
    Value tap = b.index(0);
    for (int64_t axis = 0; axis < spatial; ++axis)
      tap = b.add(b.mul(tap, b.index(window.kernel[axis])), k[axis]);
    tap = b.add(b.mul(offsets, taps), tap);
    SmallVector<Value> place(at);
    SmallVector<Scalar> coordinates;
    for (int64_t axis = 0; axis < spatial; ++axis) {
      place[1] = b.add(b.mul(tap, b.index(spatial)), b.index(axis));
      Value first = b.sub(b.mul(at[2 + axis], b.index(window.strides[axis])), b.index(window.padsBegin[axis]));
      Value straight = b.add(first, b.mul(k[axis], b.index(window.dilations[axis])));
      coordinates.push_back(b.fromIndex(straight, type) + b.load(offset, place));
    }
    SmallVector<Value> read = {at[0], channel};
    Scalar result = interpolate(coordinates, 0, read, Scalar());
    if (!mask)
      return result;
    place[1] = tap;
    return result * b.load(*mask, place);
  }

private:
  /// The weighted sum over the dims from `axis` on; `inside`, if there are dims before, is whether they are in range.
  Scalar interpolate(ArrayRef<Scalar> coordinates, int64_t axis, const SmallVector<Value> &read, Scalar inside) {
    if (axis == spatial)
      return select(inside, b.load(0, read), b.constant(0, type));
    Scalar x = coordinates[axis], low = fsc::floor(x), fraction = x - low;
    Scalar result;
    for (int side : {0, 1}) {
      Scalar corner = side == 0 ? low : low + low.like(1);
      Scalar isHere = (corner >= x.like(0)) & (corner < b.fromIndex(sizes[axis], type));
      SmallVector<Value> next(read);
      next.push_back(bounded(corner, sizes[axis]));
      Scalar weight = side == 0 ? fraction.like(1) - fraction : fraction;
      Scalar part = weight * interpolate(coordinates, axis + 1, next, inside ? inside & isHere : isHere);
      result = result ? result + part : part;
    }
    return result;
  }

  /// A whole number as an index of a dim, whatever it is.
  Value bounded(Scalar x, Value size) {
    Scalar limit = x.like(0x1p30);
    x = select(x > -limit, x, -limit);
    x = select(x < limit, x, limit);
    return b.maximum(b.minimum(b.toIndex(x), b.sub(size, b.index(1))), b.index(0));
  }

  LinalgBuilder &b;
  const Window &window;
  int64_t spatial;
  Type type;
  unsigned offset;
  std::optional<unsigned> mask;
  Value taps;
  SmallVector<Value> sizes;
};

} // namespace

LogicalResult DeformConvOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<Window> window = getWindow();
  if (failed(window))
    return failure();
  SmallVector<Value> y = b.resultDims(0), x = b.dims(0);
  for (size_t axis = 2; axis < x.size(); ++axis)
    if (int64_t size = getX().getType().getDimSize(int64_t(axis)); ShapedType::isDynamic(size) || size == 0)
      b.check(b.less(b.index(0), x[axis]), "DeformConv: there is no element to sample");
  auto expectSizes = [&](unsigned index, int64_t channels) {
    Value fits = b.both(b.equal(b.dim(index, 0), y[0]), b.equal(b.dim(index, 1), b.index(channels)));
    for (size_t axis = 2; axis < y.size(); ++axis)
      fits = b.both(fits, b.equal(b.dim(index, int64_t(axis)), y[axis]));
    b.check(fits, "DeformConv: offset or mask does not have the sizes of the result");
  };
  int64_t taps = countTaps(*window) * getOffsetGroup(), spatial = int64_t(window->rank());
  unsigned offset = b.indexOf(getOffset());
  if (!getOffset().getType().hasStaticShape() || !getX().getType().hasStaticShape())
    expectSizes(offset, taps * spatial);
  if (getMask() && (!getMask().getType().hasStaticShape() || !getX().getType().hasStaticShape()))
    expectSizes(b.indexOf(getMask()), taps);
  Value perGroup = b.dim(1, 1), filtersPerGroup = b.maximum(b.floorDiv(y[1], b.index(getGroup())), b.index(1));
  Value perOffset = b.maximum(b.floorDiv(x[1], b.index(getOffsetGroup())), b.index(1));
  if (getX().getType().isDynamicDim(1) || getW().getType().isDynamicDim(1) || getW().getType().isDynamicDim(0))
    b.check(b.both(b.equal(x[1], b.mul(perGroup, b.index(getGroup()))),
                   b.both(b.equal(b.mul(filtersPerGroup, b.index(getGroup())), y[1]),
                          b.equal(b.mul(perOffset, b.index(getOffsetGroup())), x[1]))),
            "DeformConv: the groups do not divide the channels");
  SmallVector<Value> sizes = {perGroup};
  for (int64_t size : window->kernel)
    sizes.push_back(b.index(size));
  Deformation deformation(*this, b, *window);
  Type type = computeType(b.elementType(0));
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value firstChannel = b.mul(b.floorDiv(at[1], filtersPerGroup), perGroup);
    Scalar init = getB() ? b.load(b.indexOf(getB()), {at[1]}) : b.constant(0, type);
    return b.loops(sizes, init, [&](ArrayRef<Value> k, Scalar sum) {
      Value channel = b.add(firstChannel, k[0]);
      SmallVector<Value> filterAt = {at[1]};
      filterAt.append(k.begin(), k.end());
      Scalar sampled = deformation.sample(at, channel, b.floorDiv(channel, perOffset), k.drop_front());
      return sum + sampled * b.load(1, filterAt);
    });
  }));
  return success();
}

} // namespace fsc
