//===- InputRows.cpp - Where the rows of the first operand are ------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/tiling/InputRows.h"

#include "dialects/fsc/ops/Contraction.h"
#include "dialects/fsc/ops/Convolution.h"
#include "passes/tiling/Spatial.h"

using namespace mlir;

namespace fsc {

using Values = IndexBuilder::Values;

Value batchOffset(IndexBuilder &ib, Operation *op, unsigned operand, const KernelBuffers &buffers, Value batch) {
  Value buffer = buffers.get(op->getOperand(operand));
  Values own = ib.dims(buffer), sizes = ib.dims(buffers.output());
  ArrayRef<int64_t> shape = cast<MemRefType>(buffer.getType()).getShape();
  Value stride = ib.mul(own[own.size() - 2], own.back());
  Value offset = ib.index(0), rest = batch;
  for (int64_t axis = int64_t(own.size()) - 3, result = int64_t(sizes.size()) - 3; result >= 0; --axis, --result) {
    Value coordinate = result == 0 ? rest : ib.rem(rest, sizes[result]);
    rest = result == 0 ? rest : ib.div(rest, sizes[result]);
    if (axis < 0 || shape[axis] == 1)
      continue;
    if (ShapedType::isDynamic(shape[axis]))
      coordinate = ib.min(coordinate, ib.sub(own[axis], ib.index(1)));
    offset = ib.add(offset, ib.mul(coordinate, stride));
    stride = ib.mul(stride, own[axis]);
  }
  return offset;
}

namespace {

/// Consecutive rows of a matrix: one run each.
class MatrixRows : public InputRows {
public:
  MatrixRows(IndexBuilder &builder, Value flat, Value base, Value depth)
      : ib(builder), flat(flat), base(base), depth(depth) {}

  Values forEachRun(Value first, int64_t count, ValueRange state, RunFn body) override {
    Values addresses;
    for (int64_t i = 0; i < count; ++i)
      addresses.push_back(ib.slice(flat, ib.add(base, ib.mul(ib.add(first, i), depth)), depth));
    return body(addresses, ib.index(0), depth, state);
  }

private:
  IndexBuilder &ib;
  Value flat, base, depth;
};

/// The windows of a convolution over [N, H, W, C].
class WindowRows : public InputRows {
public:
  WindowRows(IndexBuilder &builder, ConvOp op, const KernelBuffers &buffers, int64_t lanes)
      : ib(builder), spatial(makeSpatial(ib, *op.getWindow(), buffers, op.getX())), window(spatial.window),
        in(spatial.in), out(spatial.out) {
    channels = *IndexBuilder::known(ib.dims(buffers.get(op.getX())).back());
    inside = !window.same && !window.ceilMode && llvm::all_of(window.padsBegin, isZero) &&
             llvm::all_of(window.padsEnd, isZero);
    flat = buffers.flat(op.getX());
    joined = window.kernel[1] > 1 && window.dilations[1] == 1;
    if (!inside)
      zeros = ib.filled(channels * (joined ? window.kernel[1] : 1), 0.0, lanes);
  }

  Values forEachRun(Value first, int64_t count, ValueRange state, RunFn body) override {
    SmallVector<Pixel> pixels = findPixels(first, count);
    if (!joined)
      return runTaps(pixels, state, body);
    if (inside)
      return runRows(pixels, state, body);
    // Where no window overlaps the padding at its sides, a row of a window is one run.
    Value free;
    Value room = ib.max(ib.sub(in[1], ib.index(window.kernel[1] - 1)), ib.index(0));
    for (const Pixel &pixel : pixels)
      free = ib.both(free, ib.within(pixel.column, room));
    return ib.ifElse(free, [&] { return runRows(pixels, state, body); }, [&] { return runTaps(pixels, state, body); });
  }

private:
  /// Where the window of a row begins: input coordinates, which may lie in the padding, and the place in memory.
  struct Pixel {
    Value row, column, offset;
  };

  static bool isZero(int64_t value) { return value == 0; }

  SmallVector<Pixel> findPixels(Value first, int64_t count) {
    Value area = ib.mul(out[0], out[1]);
    Value image = ib.div(first, area), rest = ib.rem(first, area);
    Value row = ib.div(rest, out[1]), column = ib.rem(rest, out[1]);
    Value zero = ib.index(0);
    SmallVector<Pixel> pixels;
    for (int64_t i = 0; i < count; ++i) {
      if (i != 0) {
        // The next pixel: at the end of a row the next row, at the end of an image the next image.
        column = ib.add(column, 1);
        Value wraps = ib.equal(column, out[1]);
        column = ib.select(wraps, zero, column);
        row = ib.select(wraps, ib.add(row, 1), row);
        wraps = ib.equal(row, out[0]);
        row = ib.select(wraps, zero, row);
        image = ib.select(wraps, ib.add(image, 1), image);
      }
      Value inRow = ib.sub(ib.mul(row, window.strides[0]), spatial.pads[0]);
      Value inColumn = ib.sub(ib.mul(column, window.strides[1]), spatial.pads[1]);
      Value line = ib.add(ib.mul(image, in[0]), inRow);
      pixels.push_back({inRow, inColumn, ib.mul(ib.add(ib.mul(line, in[1]), inColumn), channels)});
    }
    return pixels;
  }

  /// The address of `length` elements of each pixel's window from tap (kh, kw) on; zeros if they are in the padding.
  Values addresses(ArrayRef<Pixel> pixels, Value kh, Value kw, bool wholeRow, Value length) {
    Value down = ib.mul(kh, window.dilations[0]), right = ib.mul(kw, window.dilations[1]);
    Value delta = ib.mul(ib.add(ib.mul(down, in[1]), right), channels);
    Values result;
    for (const Pixel &pixel : pixels) {
      Value address = ib.slice(flat, ib.add(pixel.offset, delta), length);
      if (!inside) {
        Value valid = ib.within(ib.add(pixel.row, down), in[0]);
        if (!wholeRow)
          valid = ib.both(valid, ib.within(ib.add(pixel.column, right), in[1]));
        address = ib.select(valid, address, ib.slice(zeros, ib.index(0), length));
      }
      result.push_back(address);
    }
    return result;
  }

  /// Each tap is a run.
  Values runTaps(ArrayRef<Pixel> pixels, ValueRange state, RunFn body) {
    Value length = ib.index(channels);
    return ib.loop(ib.index(0), ib.index(window.kernel[0]), 1, state, [&](Value kh, ValueRange outer) {
      return ib.loop(ib.index(0), ib.index(window.kernel[1]), 1, outer, [&](Value kw, ValueRange inner) {
        Value tap = ib.add(ib.mul(kh, window.kernel[1]), kw);
        return body(addresses(pixels, kh, kw, false, length), ib.mul(tap, channels), length, inner);
      });
    });
  }

  /// Each row of taps is a run: the pixels beside each other are beside each other in memory.
  Values runRows(ArrayRef<Pixel> pixels, ValueRange state, RunFn body) {
    Value length = ib.index(channels * window.kernel[1]);
    return ib.loop(ib.index(0), ib.index(window.kernel[0]), 1, state, [&](Value kh, ValueRange inner) {
      return body(addresses(pixels, kh, ib.index(0), true, length), ib.mul(kh, channels * window.kernel[1]), length,
                  inner);
    });
  }

  IndexBuilder &ib;
  Spatial spatial;
  const Window &window;
  const Values &in, &out;
  int64_t channels;
  bool inside; // no window overlaps the padding
  bool joined; // taps of one row are beside each other in memory
  Value flat, zeros;
};

} // namespace

std::unique_ptr<InputRows> makeInputRows(IndexBuilder &builder, Operation *op, const KernelBuffers &buffers,
                                         Value batch, int64_t lanes) {
  if (auto conv = dyn_cast<ConvOp>(op); conv && !conv.getWindow()->isPointwise())
    return std::make_unique<WindowRows>(builder, conv, buffers, lanes);
  Value operand = op->getOperand(0);
  Value base = builder.index(0);
  if (auto matmul = dyn_cast<MatMulOp>(op); matmul && matmul.getPack() == 0)
    base = batchOffset(builder, op, 0, buffers, batch);
  Value depth = builder.dims(buffers.get(operand)).back();
  return std::make_unique<MatrixRows>(builder, buffers.flat(operand), base, depth);
}

} // namespace fsc
