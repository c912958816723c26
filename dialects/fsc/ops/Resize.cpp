//===- Resize.cpp - Sampling at other sizes -------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Interpolation is separable: for each resized axis a kernel first computes a
// table of the first element read and of the weights, for each place along the
// axis of the result. An element of the result is then a weighted sum. All
// coordinates are computed in f64, as ONNX's reference does.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Resize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace fsc {

namespace {

/// An optional operand, or null if it is absent or has no elements.
Value orAbsent(TypedValue<RankedTensorType> operand) {
  return operand && !llvm::is_contained(operand.getType().getShape(), 0) ? Value(operand) : Value();
}

/// The axes that roi, scales and sizes are about.
FailureOr<SmallVector<int64_t>> resizedAxes(ResizeOp op) {
  int64_t rank = op.getX().getType().getRank();
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (!op.getAxes())
    return axes;
  axes.clear();
  ArrayRef<int64_t> listed = *op.getAxes();
  for (int64_t axis : listed) {
    std::optional<int64_t> normal = normalizeAxis(axis, rank);
    // resize.C1: axes are in range, and each is listed once.
    if (!normal || llvm::is_contained(axes, *normal))
      return op.emitOpError() << "expected different axes in [" << -rank << ", " << rank << "), got " << axis;
    axes.push_back(*normal);
  }
  return axes;
}

LogicalResult checkAttributes(ResizeOp op) {
  auto oneOf = [&](StringRef name, StringRef value, ArrayRef<StringRef> values) -> LogicalResult {
    if (llvm::is_contained(values, value))
      return success();
    return op.emitOpError() << "expected " << name << " one of " << values << ", got '" << value << "'";
  };
  return success(succeeded(oneOf("mode", op.getMode(), {"nearest", "linear", "cubic"})) &&
                 succeeded(oneOf("coordinate_transformation_mode", op.getCoordinateTransformationMode(),
                                 {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
                                  "asymmetric", "tf_crop_and_resize", "tf_half_pixel_for_nn"})) &&
                 succeeded(oneOf("nearest_mode", op.getNearestMode(),
                                 {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"})) &&
                 succeeded(oneOf("keep_aspect_ratio_policy", op.getKeepAspectRatioPolicy(),
                                 {"stretch", "not_larger", "not_smaller"})));
}

/// Floats that are numbers where they are known, for sizes.
struct Real {
  std::optional<double> known;
  Value value; // f64
};

struct Reals {
  ShapeBuilder &shapes;

  Real unknown() { return Real(); }
  Value materialize(Real x) {
    OpBuilder &b = *shapes.getBuilder();
    return x.known ? Value(arith::ConstantOp::create(b, shapes.getLoc(), b.getF64FloatAttr(*x.known))) : x.value;
  }
  Real of(Dim dim) {
    if (dim.isKnown())
      return {double(dim.get()), {}};
    OpBuilder *b = shapes.getBuilder();
    if (!b)
      return unknown();
    Value wide = arith::IndexCastOp::create(*b, shapes.getLoc(), b->getI64Type(), dim.getValue());
    return {std::nullopt, arith::SIToFPOp::create(*b, shapes.getLoc(), b->getF64Type(), wide)};
  }
  template <typename Op> Real apply(Real x, Real y, double (*fold)(double, double)) {
    if (x.known && y.known)
      return {fold(*x.known, *y.known), {}};
    OpBuilder *b = shapes.getBuilder();
    if (!b)
      return unknown();
    return {std::nullopt, Op::create(*b, shapes.getLoc(), materialize(x), materialize(y))};
  }
  Real mul(Real x, Real y) {
    return apply<arith::MulFOp>(x, y, [](double a, double b) { return a * b; });
  }
  Real div(Real x, Real y) {
    return apply<arith::DivFOp>(x, y, [](double a, double b) { return a / b; });
  }
  Real add(Real x, Real y) {
    return apply<arith::AddFOp>(x, y, [](double a, double b) { return a + b; });
  }
  Real min(Real x, Real y) {
    return apply<arith::MinNumFOp>(x, y, [](double a, double b) { return std::min(a, b); });
  }
  Real max(Real x, Real y) {
    return apply<arith::MaxNumFOp>(x, y, [](double a, double b) { return std::max(a, b); });
  }
  /// Rounded to a float, as sizes are computed from scales in f32.
  Real narrow(Real x) {
    if (x.known)
      return {double(float(*x.known)), {}};
    OpBuilder *b = shapes.getBuilder();
    if (!b)
      return unknown();
    Value single = arith::TruncFOp::create(*b, shapes.getLoc(), b->getF32Type(), x.value);
    return {std::nullopt, arith::ExtFOp::create(*b, shapes.getLoc(), b->getF64Type(), single)};
  }
  /// A number that is not negative, rounded down; NaN gives 0.
  Dim floor(Real x) {
    x = min(max(x, {0.0, {}}), {0x1p53, {}});
    if (x.known)
      return Dim(int64_t(*x.known));
    OpBuilder *b = shapes.getBuilder();
    if (!b)
      return Dim::unknown(shapes);
    Value whole = arith::FPToSIOp::create(*b, shapes.getLoc(), b->getI64Type(), x.value);
    return Dim(shapes, arith::IndexCastOp::create(*b, shapes.getLoc(), b->getIndexType(), whole).getResult());
  }
  /// Element `index` of a tensor of floats of rank 1.
  Real element(Value tensor, int64_t index) {
    if (ElementsAttr constant = getConstant(tensor))
      if (auto values = readFloats(constant); values && index < int64_t(values->size()))
        return {(*values)[index], {}};
    OpBuilder *b = shapes.getBuilder();
    if (!b)
      return unknown();
    Value at = arith::ConstantIndexOp::create(*b, shapes.getLoc(), index);
    Value element = tensor::ExtractOp::create(*b, shapes.getLoc(), shapes.lookup(tensor), at);
    return {std::nullopt,
            fsc::cast(Scalar(*b, shapes.getLoc(), element, element.getType()), b->getF64Type()).getValue()};
  }
};

/// How one dim of the operand is resized.
struct Axis {
  int64_t dim;
  Dim size;
  Real scale;
};

/// The resized axes, without those that stay as they are.
FailureOr<SmallVector<Axis>> readAxes(ResizeOp op, ShapeBuilder &shapes) {
  FailureOr<SmallVector<int64_t>> axes = resizedAxes(op);
  if (failed(axes) || failed(checkAttributes(op)))
    return failure();
  Value scales = orAbsent(op.getScales()), sizes = orAbsent(op.getSizes());
  bool crops = op.getCoordinateTransformationMode() == "tf_crop_and_resize";
  // resize.C2: either scales or sizes are given, one for each axis.
  auto hasLength = [](Value list, int64_t length) {
    auto type = cast<RankedTensorType>(list.getType());
    return type.getRank() == 1 && type.getDimSize(0) == length;
  };
  int64_t count = axes->size();
  if (bool(scales) == bool(sizes) || !hasLength(scales ? scales : sizes, count))
    return op.emitOpError() << "expected either scales or sizes, of " << count << " elements";
  // resize.C3: tf_crop_and_resize has a region.
  Value roi = orAbsent(op.getRoi());
  if (crops && (!roi || !hasLength(roi, 2 * count)))
    return op.emitOpError() << "expected roi of " << 2 * count << " elements";
  Reals reals{shapes};
  Shape data = shapes.dims(op.getX());
  std::optional<Shape> wanted = sizes ? shapes.content(sizes) : std::nullopt;
  if (sizes && !wanted)
    return op.emitOpError() << "expected integer sizes, got " << sizes.getType();
  bool stretches = op.getKeepAspectRatioPolicy() == "stretch";
  SmallVector<Axis> result;
  for (auto [i, dim] : llvm::enumerate(*axes)) {
    if (wanted) {
      // Inside a kernel only the result's type may say what the size is.
      Dim size = (*wanted)[i];
      auto type = cast<RankedTensorType>(op.getType());
      if (!size.isKnown() && shapes.getBuilder() && stretches && !type.isDynamicDim(dim))
        size = Dim(type.getDimSize(dim));
      result.push_back({dim, size, reals.div(reals.of(size), reals.of(data[dim]))});
      continue;
    }
    Real scale = reals.element(scales, i);
    // resize.C4: scales are positive.
    if (scale.known && !(*scale.known > 0))
      return op.emitOpError() << "expected scales above 0, got " << *scale.known;
    Dim size = scale.known && *scale.known == std::floor(*scale.known) && *scale.known < 0x1p30
                   ? data[dim] * Dim(int64_t(*scale.known))
                   : reals.floor(reals.narrow(reals.mul(reals.of(data[dim]), scale)));
    result.push_back({dim, size, scale});
  }
  if (wanted && !stretches && !result.empty()) {
    bool notLarger = op.getKeepAspectRatioPolicy() == "not_larger";
    Real common = result[0].scale;
    for (const Axis &axis : llvm::drop_begin(result))
      common = notLarger ? reals.min(common, axis.scale) : reals.max(common, axis.scale);
    for (Axis &axis : result) {
      axis.scale = common;
      axis.size = reals.floor(reals.add(reals.mul(common, reals.of(data[axis.dim])), {0.5, {}}));
    }
  }
  // resize.C5: sizes are not negative, and what has no elements stays empty.
  for (const Axis &axis : result)
    if (axis.size.isKnown() && (axis.size.get() < 0 || (axis.size.get() > 0 && data[axis.dim].isKnown(0))))
      return op.emitOpError() << "expected a size along dim " << axis.dim << " that can be sampled, got "
                              << axis.size.get();
  if (!crops)
    llvm::erase_if(
        result, [&](const Axis &axis) { return axis.scale.known == 1.0 && (axis.size == data[axis.dim] || scales); });
  return result;
}

/// What is read for the places along one axis of the result.
struct Table {
  int64_t dim;
  Value low;     // [size]: the first element read
  Value taps;    // the number of elements read
  Value weights; // [size, taps]; null if one element is taken as it is
  Value outside; // [size]: whether the place is extrapolated; null if none is
};

class TableBuilder {
public:
  TableBuilder(ResizeOp op, LinalgBuilder &b, ShapeBuilder &shapes) : op(op), b(b), shapes(shapes) {}

  Table build(const Axis &axis, unsigned position, unsigned count) {
    f64 = b.b.getF64Type(), i64 = b.b.getI64Type();
    Reals reals{shapes};
    scale = scalar(reals.materialize(axis.scale));
    inputSize = b.dim(0, axis.dim);
    input = b.fromIndex(inputSize, f64);
    outputSize = b.resultDims(0)[axis.dim];
    if (op.getCoordinateTransformationMode() == "tf_crop_and_resize") {
      unsigned roi = b.indexOf(op.getRoi());
      start = fsc::cast(b.load(roi, b.index(position)), f64);
      end = fsc::cast(b.load(roi, b.index(count + position)), f64);
    }
    Table table;
    table.dim = axis.dim;
    Value last = b.sub(inputSize, b.index(1));
    if (op.getMode() == "nearest") {
      table.taps = b.index(1);
      table.low = generate({outputSize}, i64, [&](ArrayRef<Value> at) {
        Value index = b.toIndex(bounded(nearest(coordinate(at[0]))));
        return b.fromIndex(b.maximum(b.minimum(index, last), b.index(0)), i64);
      });
    } else {
      buildWeights(table);
    }
    if (start)
      table.outside = generate({outputSize}, b.b.getI1Type(), [&](ArrayRef<Value> at) {
        Scalar x = coordinate(at[0]);
        return (x < number(0)) | (x > input - number(1));
      });
    return table;
  }

private:
  Scalar scalar(Value value) { return Scalar(b.b, b.loc, value, f64); }
  Scalar number(double value) { return b.constant(value, f64); }
  /// Within what converts to an index whatever it is.
  Scalar bounded(Scalar x) {
    x = select(x > number(-0x1p40), x, number(-0x1p40));
    return select(x < number(0x1p40), x, number(0x1p40));
  }
  Value generate(ArrayRef<Value> sizes, Type type, LinalgBuilder::ElementFn element) {
    return b.generate(b.empty(sizes, type), type, element);
  }

  /// The coordinate in the operand of place `at` along the result.
  Scalar coordinate(Value at) {
    StringRef mode = op.getCoordinateTransformationMode();
    Scalar x = b.fromIndex(at, f64), half = number(0.5), one = number(1);
    Scalar output = scale * input, isOne = output == one, safe = select(isOne, number(2), output);
    if (mode == "asymmetric")
      return x / scale;
    if (mode == "align_corners")
      return select(isOne, number(0), x * (input - one) / (safe - one));
    if (mode == "tf_crop_and_resize")
      return select(isOne, (end - start) * (input - one) * half, x * (end - start) * (input - one) / (safe - one)) +
             start * (input - one);
    if (mode == "tf_half_pixel_for_nn")
      return (x + half) / scale;
    Scalar centered = (x + half) / scale - half;
    if (mode == "pytorch_half_pixel")
      return select(isOne, number(0), centered);
    if (mode == "half_pixel_symmetric")
      return input * half * (one - b.fromIndex(outputSize, f64) / output) + centered;
    return centered;
  }

  Scalar nearest(Scalar x) {
    Scalar low = fsc::floor(x), half = number(0.5);
    if (op.getNearestMode() == "floor")
      return low;
    if (op.getNearestMode() == "ceil")
      return fsc::ceil(x);
    Scalar up = op.getNearestMode() == "round_prefer_floor" ? x - low > half : x - low >= half;
    return select(up, low + number(1), low);
  }

  /// The weight of an element at a distance from the coordinate.
  Scalar weightAt(Scalar distance) {
    Scalar d = fsc::abs(distance), one = number(1), zero = number(0);
    if (op.getMode() == "linear")
      return fsc::max(one - d, zero);
    // Keys, Cubic Convolution Interpolation for Digital Image Processing, 1981, equation (4).
    double a = op.getCubicCoeffA().convertToFloat();
    Scalar near = ((number(a + 2) * d - number(a + 3)) * d) * d + one;
    Scalar far = ((number(a) * d - number(5 * a)) * d + number(8 * a)) * d - number(4 * a);
    return select(d <= one, near, select(d < number(2), far, zero));
  }

  void buildWeights(Table &table) {
    // Antialiasing widens the filter where the result is smaller.
    double radius = op.getMode() == "linear" ? 1 : 2;
    Scalar narrow = number(1);
    table.taps = b.index(int64_t(2 * radius));
    if (op.getAntialias()) {
      narrow = fsc::min(scale, number(1));
      table.taps = b.mul(b.toIndex(bounded(fsc::ceil(number(radius) / narrow))), b.index(2));
    }
    Value before = b.sub(b.floorDiv(table.taps, b.index(2)), b.index(1));
    table.low = generate({outputSize}, i64, [&](ArrayRef<Value> at) {
      return b.fromIndex(b.sub(b.toIndex(bounded(fsc::floor(coordinate(at[0])))), before), i64);
    });
    auto weight = [&](Value at, Value tap) {
      Scalar x = coordinate(at);
      Value element = b.add(b.toIndex(b.load(table.low, i64, at)), tap);
      Scalar result = weightAt((b.fromIndex(element, f64) - x) * narrow);
      return op.getExcludeOutside() ? b.choose(b.inRange(element, b.index(0), inputSize), result, number(0)) : result;
    };
    Value raw = generate({outputSize, table.taps}, f64, [&](ArrayRef<Value> at) { return weight(at[0], at[1]); });
    Type type = sumType();
    table.weights = generate({outputSize, table.taps}, type, [&](ArrayRef<Value> at) {
      Scalar own = b.load(raw, f64, at);
      if (op.getAntialias() || op.getExcludeOutside()) {
        Scalar sum = b.loop(b.index(0), table.taps, number(0),
                            [&](Value tap, Scalar state) { return state + b.load(raw, f64, {at[0], tap}); });
        own = own / select(sum == number(0), number(1), sum);
      }
      return fsc::cast(own, type);
    });
  }

  /// The type in which elements are weighted: f32, but f64 for f64 and integers.
  Type sumType() {
    Type type = computeType(b.elementType(0));
    return isa<FloatType>(type) ? type : f64;
  }

  ResizeOp op;
  LinalgBuilder &b;
  ShapeBuilder &shapes;
  Type f64, i64;
  Scalar scale, input, start, end;
  Value inputSize, outputSize;
};

/// The weighted sum over the tables from `level` on, with `place` complete up to there.
Scalar interpolate(LinalgBuilder &b, ArrayRef<Table> tables, ArrayRef<Value> at, SmallVector<Value> &place, Type type) {
  if (tables.empty())
    return fsc::cast(b.load(0, place), type);
  const Table &table = tables.front();
  Type i64 = b.b.getI64Type();
  Value low = b.toIndex(b.load(table.low, i64, at[table.dim]));
  if (!table.weights) {
    place[table.dim] = low;
    return interpolate(b, tables.drop_front(), at, place, type);
  }
  Value last = b.sub(b.dim(0, table.dim), b.index(1));
  return b.loop(b.index(0), table.taps, b.constant(0, type), [&](Value tap, Scalar sum) {
    SmallVector<Value> inner(place);
    inner[table.dim] = b.maximum(b.minimum(b.add(low, tap), last), b.index(0));
    Scalar weight = b.load(table.weights, type, {at[table.dim], tap});
    return sum + weight * interpolate(b, tables.drop_front(), at, inner, type);
  });
}

} // namespace

LogicalResult ResizeOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<SmallVector<Axis>> axes = readAxes(*this, shapes);
  if (failed(axes))
    return failure();
  // resize.C6: elements are numbers, unless they are only copied; antialiasing needs a filter.
  if (getMode() != "nearest" && getX().getType().getElementType().isInteger(1))
    return emitOpError("expected numbers to interpolate, got booleans");
  if (getMode() == "nearest" && getAntialias())
    return emitOpError("expected mode linear or cubic with antialias");
  Shape result = shapes.dims(getX());
  for (const Axis &axis : *axes)
    result[axis.dim] = axis.size;
  results.push_back(result);
  return success();
}

LogicalResult ResizeOp::lowerToLinalg(LinalgBuilder &b) {
  ShapeBuilder shapes = b.shapes();
  FailureOr<SmallVector<Axis>> axes = readAxes(*this, shapes);
  FailureOr<SmallVector<int64_t>> listed = resizedAxes(*this);
  if (failed(axes) || failed(listed))
    return failure();
  SmallVector<Table> tables;
  for (const Axis &axis : *axes) {
    if (b.operandType(0).isDynamicDim(axis.dim))
      b.check(b.less(b.index(0), b.dim(0, axis.dim)), "Resize: there is no element to sample");
    unsigned position = llvm::find(*listed, axis.dim) - listed->begin();
    tables.push_back(TableBuilder(*this, b, shapes).build(axis, position, listed->size()));
  }
  Type type = b.elementType(0), compute = computeType(type);
  bool weighted = getMode() != "nearest";
  Type sum = weighted && !isa<FloatType>(compute) ? Type(b.b.getF64Type()) : compute;
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    auto sample = [&]() -> Scalar {
      SmallVector<Value> place(at);
      Scalar result = interpolate(b, tables, at, place, sum);
      if (sum == compute)
        return result;
      // Integers are rounded, and stay within their type.
      Scalar limit = b.constant(0, compute);
      result = fsc::roundEven(result);
      Scalar low = fsc::cast(limit.lowest(), sum), high = fsc::cast(limit.highest(), sum);
      return select(result >= high, limit.highest(), select(result <= low, limit.lowest(), fsc::cast(result, compute)));
    };
    Value outside;
    for (const Table &table : tables)
      if (table.outside) {
        Value here = b.load(table.outside, b.b.getI1Type(), at[table.dim]).getValue();
        outside = outside ? Value(arith::OrIOp::create(b.b, b.loc, outside, here)) : here;
      }
    if (!outside)
      return sample();
    Scalar extrapolated = b.constant(getExtrapolationValue().convertToDouble(), compute);
    return b.ifElse(outside, [&] { return extrapolated; }, sample);
  }));
  return success();
}

} // namespace fsc
