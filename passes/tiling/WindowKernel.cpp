//===- WindowKernel.cpp - Pools and depthwise convolutions ----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// forall row block: for row: for vector of channels:
//   pixels whose window overlaps the padding, one by one, over a clipped window
//   the others, several at a time, over whole rows of the window
//
// Refused: channels that are not last or of unknown number, indices of the
// largest elements, padding that counts where it follows from sizes.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Convolution.h"
#include "passes/tiling/Epilogue.h"
#include "passes/tiling/Spatial.h"

#include "passes/lowering/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

namespace fsc {
#define GEN_PASS_DEF_EMITWINDOWKERNEL
#include "passes/tiling/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {

static bool isGlobal(Operation *op) { return isa<GlobalAveragePoolOp, GlobalMaxPoolOp>(op); }
static bool isMaximum(Operation *op) { return isa<MaxPoolOp, GlobalMaxPoolOp>(op); }

/// Why the op is not one for a window kernel, or null.
static const char *refuse(Operation *op) {
  auto flag = op->getAttrOfType<BoolAttr>("channels_last");
  auto type = cast<RankedTensorType>(op->getOperand(0).getType());
  if (!flag || !flag.getValue() || (type.getRank() != 3 && type.getRank() != 4))
    return "the channels are not last";
  if (!type.getElementType().isF32() || type.isDynamicDim(type.getRank() - 1) || op->getNumResults() != 1)
    return "the channels are not f32 of known number";
  if (!isa<BlockArgument>(op->getOperand(0)))
    return "the operand is computed in the kernel";
  if (auto conv = dyn_cast<ConvOp>(op)) {
    if (conv.getPack() == 0 || conv.getPack() != conv.getFilters() || conv.getGroup() != conv.getFilters() ||
        !isa<BlockArgument>(conv.getW()))
      return "the convolution is not depthwise with a packed filter";
  } else if (auto pool = dyn_cast<AveragePoolOp>(op)) {
    FailureOr<Window> window = pool.getWindow();
    if (failed(window) || (pool.getCountIncludePad() && window->same))
      return "padding that follows from sizes is counted";
  }
  return nullptr;
}

Operation *matchWindow(Block &body, const char *&why) {
  Operation *found = nullptr;
  why = "there is no window";
  for (Operation &op : body)
    if (isa<ConvOp, MaxPoolOp, AveragePoolOp, GlobalAveragePoolOp, GlobalMaxPoolOp>(op)) {
      if (found) {
        why = "there are several windows";
        return nullptr;
      }
      found = &op;
    }
  if (!found)
    return nullptr;
  why = refuse(found);
  if (!why)
    why = refuseEpilogue(body, found->getResult(0));
  return why ? nullptr : found;
}

namespace {

using Values = IndexBuilder::Values;

/// What is left of one dim of a window: the places [low, high).
struct Clip {
  Value low, high;
};

class WindowKernel {
public:
  WindowKernel(func::FuncOp function, Operation *op, ArrayRef<int64_t> tile)
      : buffers(function), body(function.front()), op(op), ib(buffers.builder, function.getLoc()), pixels(tile[0]),
        lanes(tile[1]), taskRows(tile[2]) {
    sizes = ib.dims(buffers.output());
    channels = *IndexBuilder::known(sizes.back());
    flat = buffers.flat(op->getOperand(0));
    epilogue.emplace(ib, body, op->getResult(0), buffers, sizes, lanes);
  }

  void emit() {
    if (isGlobal(op))
      emitGlobal();
    else
      emitWindows();
    buffers.finish();
  }

private:
  //===--- Global pools ---------------------------------------------------===//

  void emitGlobal() {
    constexpr int64_t group = 4; // vectors of a task
    Values in = ib.dims(buffers.get(op->getOperand(0)));
    Value area = ib.product(ValueRange(in).slice(1, in.size() - 2));
    Value groups = ib.index(llvm::divideCeil(channels, group * lanes));
    ib.tasks(Values{in[0], groups}, [&](ValueRange place) {
      Value column = ib.mul(place[1], group * lanes), base = ib.mul(ib.mul(place[0], area), channels);
      int64_t whole = channels / lanes / group * group * lanes;
      if (whole != 0)
        ib.ifThen(ib.less(column, ib.index(whole)), [&] { foldImage(place[0], base, column, group, area, {}); });
      if (whole == channels)
        return;
      // The last group: fewer vectors, the last one masked.
      ib.ifThen(ib.equal(column, ib.index(whole)), [&] {
        int64_t left = channels - whole, vectors = llvm::divideCeil(left, lanes);
        Value mask = left % lanes ? ib.mask(ib.index(left % lanes), lanes) : Value();
        foldImage(place[0], base, ib.index(whole), vectors, area, mask);
      });
    });
  }

  /// Folds all pixels of an image; `mask` is that of the last vector.
  void foldImage(Value image, Value base, Value column, int64_t vectors, Value area, Value mask) {
    auto maskOf = [&](int64_t j) { return j + 1 == vectors ? mask : Value(); };
    Values sums = ib.loop(ib.index(0), area, 1, Values(vectors, start({}, {})), [&](Value pixel, ValueRange state) {
      Values next;
      Value at = ib.add(ib.add(base, ib.mul(pixel, channels)), column);
      for (int64_t j = 0; j < vectors; ++j)
        next.push_back(combine(state[j], ib.loadVector(flat, ib.add(at, j * lanes), lanes, maskOf(j)), {}));
      return next;
    });
    for (int64_t j = 0; j < vectors; ++j)
      store(isMaximum(op) ? sums[j] : divide(sums[j], area), image, ib.add(column, j * lanes), maskOf(j));
  }

  //===--- Windows --------------------------------------------------------===//

  void emitWindows() {
    Window window = llvm::TypeSwitch<Operation *, Window>(op).Case<ConvOp, MaxPoolOp, AveragePoolOp>(
        [](auto windowed) { return *windowed.getWindow(); });
    spatial = makeSpatial(ib, window, buffers, op->getOperand(0));
    Value rows = ib.mul(sizes[0], spatial.out[0]);
    ib.tasks(ib.ceilDiv(rows, taskRows), [&](ValueRange place) {
      Value first = ib.mul(place[0], taskRows);
      ib.loop(first, ib.min(ib.add(first, taskRows), rows), 1, [&](Value row) { emitRow(row); });
    });
  }

  /// The window's places of one dim that lie inside the operand, if it begins at `start`; all elements from `low` to
  /// `high` count as inside.
  Clip clip(unsigned axis, Value start, Value low, Value high) {
    int64_t dilation = spatial.window.dilations[axis];
    Value zero = ib.index(0), size = ib.index(spatial.window.kernel[axis]);
    Value first = ib.min(ib.ceilDiv(ib.max(ib.sub(low, start), zero), dilation), size);
    Value end = ib.min(ib.ceilDiv(ib.max(ib.sub(high, start), zero), dilation), size);
    return {first, ib.max(end, first)};
  }

  Value startOf(unsigned axis, Value out) {
    return ib.sub(ib.mul(out, spatial.window.strides[axis]), spatial.pads[axis]);
  }

  void emitRow(Value row) {
    const Window &window = spatial.window;
    Value zero = ib.index(0), width = spatial.out[1];
    line.image = ib.div(row, spatial.out[0]);
    line.start = startOf(0, ib.rem(row, spatial.out[0]));
    line.clip = clip(0, line.start, zero, spatial.in[0]);
    line.firstRow = ib.mul(row, width);
    // The pixels [low, high) have their windows inside the operand.
    int64_t stride = window.strides[1], reach = (window.kernel[1] - 1) * window.dilations[1];
    Value low = ib.min(ib.ceilDiv(spatial.pads[1], stride), width);
    Value room = ib.add(ib.add(spatial.in[1], spatial.pads[1]), stride - reach - 1);
    Value high = ib.max(ib.min(ib.div(ib.max(room, zero), ib.index(stride)), width), low);
    int64_t whole = channels / lanes * lanes;
    auto vectors = [&](Value column, Value mask) {
      ib.loop(zero, low, 1, [&](Value pixel) { emitBorder(pixel, column, mask); });
      emitInterior(low, high, column, mask);
      ib.loop(high, width, 1, [&](Value pixel) { emitBorder(pixel, column, mask); });
    };
    ib.loop(zero, ib.index(whole), lanes, [&](Value column) { vectors(column, {}); });
    if (whole != channels)
      vectors(ib.index(whole), ib.mask(ib.index(channels - whole), lanes));
  }

  /// The pixels [low, high), `pixels` at a time; the last block begins earlier if there are not as many left.
  void emitInterior(Value low, Value high, Value column, Value mask) {
    Value count = ib.sub(high, low), zero = ib.index(0);
    Value fits = ib.less(ib.index(pixels - 1), count);
    Value blocks = ib.select(fits, ib.ceilDiv(count, pixels), zero), singles = ib.select(fits, zero, count);
    Value last = ib.sub(high, ib.index(pixels));
    ib.loop(zero, blocks, 1,
            [&](Value block) { emitBlock(ib.min(ib.add(low, ib.mul(block, pixels)), last), pixels, column, mask); });
    ib.loop(zero, singles, 1, [&](Value pixel) { emitBlock(ib.add(low, pixel), 1, column, mask); });
  }

  /// Pixels beside each other, whose windows lie inside the operand at both sides.
  void emitBlock(Value pixel, int64_t count, Value column, Value mask) {
    const Window &window = spatial.window;
    constexpr int64_t mostUnrolled = 9;
    Value left = startOf(1, pixel), width = ib.index(window.kernel[1]);
    Values init(count, start(column, mask));
    Values sums = ib.loop(line.clip.low, line.clip.high, 1, init, [&](Value kh, ValueRange outer) {
      auto step = [&](Value kw, ValueRange state) {
        Values next;
        Value weight = loadWeight(kh, kw, column, mask);
        Value at = ib.add(left, ib.mul(kw, window.dilations[1]));
        for (int64_t i = 0; i < count; ++i)
          next.push_back(combine(state[i], loadInput(kh, ib.add(at, i * window.strides[1]), column, mask), weight));
        return next;
      };
      if (window.kernel[1] > mostUnrolled)
        return ib.loop(ib.index(0), width, 1, outer, step);
      Values state(outer);
      for (int64_t kw = 0; kw < window.kernel[1]; ++kw)
        state = step(ib.index(kw), state);
      return state;
    });
    for (int64_t i = 0; i < count; ++i)
      finish(sums[i], ib.add(pixel, i), Clip{ib.index(0), width}, column, mask);
  }

  /// One pixel whose window overlaps the padding.
  void emitBorder(Value pixel, Value column, Value mask) {
    Value left = startOf(1, pixel);
    Clip across = clip(1, left, ib.index(0), spatial.in[1]);
    Values sums = ib.loop(line.clip.low, line.clip.high, 1, start(column, mask), [&](Value kh, ValueRange outer) {
      return ib.loop(across.low, across.high, 1, outer, [&](Value kw, ValueRange state) -> Values {
        Value at = ib.add(left, ib.mul(kw, spatial.window.dilations[1]));
        return {combine(state[0], loadInput(kh, at, column, mask), loadWeight(kh, kw, column, mask))};
      });
    });
    finish(sums[0], pixel, across, column, mask);
  }

  Value loadInput(Value kh, Value x, Value column, Value mask) {
    Value y = ib.add(line.start, ib.mul(kh, spatial.window.dilations[0]));
    Value pixel = ib.add(ib.mul(ib.add(ib.mul(line.image, spatial.in[0]), y), spatial.in[1]), x);
    return ib.loadVector(flat, ib.add(ib.mul(pixel, channels), column), lanes, mask);
  }

  Value loadWeight(Value kh, Value kw, Value column, Value mask) {
    auto conv = dyn_cast<ConvOp>(op);
    if (!conv)
      return {};
    Value tap = ib.add(ib.mul(kh, spatial.window.kernel[1]), kw);
    return ib.loadVector(buffers.flat(conv.getW()), ib.add(ib.mul(tap, channels), column), lanes, mask);
  }

  /// Divides a mean's sum by the number of elements, and stores.
  void finish(Value sum, Value pixel, Clip across, Value column, Value mask) {
    if (auto pool = dyn_cast<AveragePoolOp>(op)) {
      Clip down = line.clip;
      if (pool.getCountIncludePad()) {
        down = countPadding(0, line.start);
        across = countPadding(1, startOf(1, pixel));
      }
      sum = divide(sum, ib.mul(ib.sub(down.high, down.low), ib.sub(across.high, across.low)));
    }
    store(sum, ib.add(line.firstRow, pixel), column, mask);
  }

  Clip countPadding(unsigned axis, Value start) {
    Value low = ib.sub(ib.index(0), spatial.pads[axis]);
    return clip(axis, start, low, ib.add(spatial.in[axis], spatial.window.padsEnd[axis]));
  }

  //===--- Vectors --------------------------------------------------------===//

  /// What folding starts from.
  Value start(Value column, Value mask) {
    if (auto conv = dyn_cast<ConvOp>(op); conv && conv.getB())
      return epilogue->loadOperand(conv.getB(), {ib.index(0), column, mask});
    return ib.splat(isMaximum(op) ? -std::numeric_limits<double>::infinity() : 0.0, lanes);
  }

  Value combine(Value state, Value input, Value weight) {
    if (weight)
      return ib.fma(input, weight, state);
    if (isMaximum(op))
      return arith::MaximumFOp::create(ib.b, ib.loc, state, input);
    return arith::AddFOp::create(ib.b, ib.loc, state, input);
  }

  Value divide(Value sum, Value count) {
    Value wide = arith::IndexCastOp::create(ib.b, ib.loc, ib.b.getI64Type(), count);
    Value number = arith::SIToFPOp::create(ib.b, ib.loc, ib.b.getF32Type(), wide);
    return arith::DivFOp::create(ib.b, ib.loc, sum, ib.splat(number, lanes));
  }

  void store(Value vector, Value row, Value column, Value mask) {
    Value result = epilogue->apply(vector, {row, column, mask});
    ib.storeVector(result, buffers.flatOutput(), ib.add(ib.mul(row, channels), column), mask);
  }

  KernelBuffers buffers;
  Block &body;
  Operation *op;
  IndexBuilder ib;
  int64_t pixels, lanes, taskRows, channels;
  Values sizes;
  Value flat;
  Spatial spatial;
  /// The row that is computed.
  struct {
    Value image, start, firstRow;
    Clip clip;
  } line;
  std::optional<Epilogue> epilogue;
};

struct EmitWindowKernel : impl::EmitWindowKernelBase<EmitWindowKernel> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    auto schedule = function->getAttrOfType<ScheduleAttr>(kScheduleAttr);
    if (!schedule || schedule.getKind() != kWindowTemplate || function.isDeclaration() ||
        !llvm::any_of(function.getArgumentTypes(), llvm::IsaPred<RankedTensorType>))
      return;
    const char *why = nullptr;
    Operation *op = matchWindow(function.front(), why);
    if (!op || schedule.getTile().size() != 3) {
      function.emitError("internal: the schedule does not fit the kernel: ")
          << (why ? why : "expected three tile sizes");
      return signalPassFailure();
    }
    WindowKernel(function, op, schedule.getTile()).emit();
  }
};

} // namespace
} // namespace fsc
