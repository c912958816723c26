//===- LowerHost.cpp - The host program as calls of the runtime -----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// @main()  ->  @fsc_run(context) -> i32
//
// Each buffer becomes an address, each launch a call of the runtime. Whatever
// can fail is followed by a branch to the end of the run.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Host.h"
#include "passes/lowering/ArenaPlan.h"
#include "passes/lowering/LowerRoutine.h"
#include "passes/lowering/Lowering.h"
#include "passes/lowering/RuntimeCalls.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "runtime/abi/Artifact.h"
#include "llvm/ADT/MapVector.h"

namespace fsc {
#define GEN_PASS_DEF_LOWERHOST
#include "passes/lowering/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {
namespace {

struct LowerHost : impl::LowerHostBase<LowerHost> {
  void runOnOperation() override {
    main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main)
      return;
    // Their symbols will be those of the kernels' functions.
    for (ModuleOp kernel : getOperation().getOps<ModuleOp>())
      kernels[kernel.getSymNameAttr()] = kernel;
    for (auto [name, kernel] : kernels)
      kernel.setSymName((name.getValue() + ".code").str());
    Type i32 = IntegerType::get(&getContext(), 32);
    pointer = LLVM::LLVMPointerType::get(&getContext());
    Block &entry = main.front();
    context = entry.addArgument(pointer, main.getLoc());
    main.setType(FunctionType::get(&getContext(), pointer, i32));
    main.setName("fsc_run");
    OpBuilder builder = OpBuilder::atBlockBegin(&entry);
    // One array serves all calls: they are over when the next one is made.
    Value count = RuntimeCalls(builder, main.getLoc(), context).constant(mostWords());
    words = LLVM::AllocaOp::create(builder, main.getLoc(), pointer, builder.getI64Type(), count);
    SmallVector<Operation *> ops;
    main.walk([&](Operation *op) {
      if (op != main)
        ops.push_back(op);
    });
    for (Operation *op : ops)
      lower(op);
    for (Operation *op : llvm::reverse(ops))
      if (isa<func::ReturnOp, memref::CopyOp>(op) ||
          (op->getName().getDialectNamespace() == "fsc" && !isa<BufferOp>(op)))
        op->erase();
  }

  int64_t mostWords() {
    int64_t most = 1;
    main.walk([&](Operation *op) {
      int64_t words = op->getNumOperands();
      for (Value value :
           llvm::concat<Value>(SmallVector<Value>(op->getOperands()), SmallVector<Value>(op->getResults())))
        if (auto type = dyn_cast<MemRefType>(value.getType()))
          words += type.getRank();
      most = std::max(most, words);
    });
    return most;
  }

  void lower(Operation *op) {
    OpBuilder builder(op);
    RuntimeCalls runtime(builder, op->getLoc(), context);
    if (auto input = dyn_cast<InputOp>(op)) {
      SmallVector<Value> sizes;
      for (int64_t axis = 0; axis < input.getType().getRank(); ++axis)
        if (input.getType().isDynamicDim(axis))
          sizes.push_back(arith::IndexCastOp::create(builder, op->getLoc(), builder.getIndexType(),
                                                     runtime.inputDim(input.getIndex(), axis)));
      replace(builder, op, runtime.inputData(input.getIndex()), sizes);
    } else if (auto weight = dyn_cast<WeightOp>(op)) {
      replace(builder, op, runtime.offset(runtime.weights(), weight.getOffset().value_or(0)), {});
    } else if (auto arena = dyn_cast<ArenaOp>(op)) {
      replace(builder, op, runtime.offset(runtime.arena(), arena.getOffset()), {});
    } else if (auto view = dyn_cast<BufferViewOp>(op)) {
      replace(builder, op, addressOf(view.getSource()), view.getSizes());
    } else if (auto element = dyn_cast<ElementOp>(op)) {
      lowerElement(builder, element);
    } else if (auto address = dyn_cast<AddressOp>(op)) {
      op->getResult(0).replaceAllUsesWith(addressOf(address.getBuffer()));
    } else if (auto copy = dyn_cast<memref::CopyOp>(op)) {
      LLVM::MemcpyOp::create(
          builder, op->getLoc(), addressOf(copy.getTarget()), addressOf(copy.getSource()),
          bytes(builder, op->getLoc(), cast<MemRefType>(copy.getSource().getType()), dynamicSizes(copy.getSource())),
          /*isVolatile=*/false);
    } else if (auto output = dyn_cast<OutputOp>(op)) {
      storeSizes(builder, op->getLoc(), output.getType(), output.getSizes());
      Value address = runtime.output(output.getIndex(), words);
      endUnlessAddress(builder, op, address);
      replace(builder, op, address, output.getSizes());
    } else if (auto allocate = dyn_cast<AllocateOp>(op)) {
      Value negative = anyNegative(builder, op->getLoc(), allocate.getSizes());
      Value size = checkedBytes(builder, op->getLoc(), allocate.getType(), allocate.getSizes());
      // The runtime refuses a negative size.
      size = arith::SelectOp::create(builder, op->getLoc(), negative, runtime.constant(-1), size);
      Value address = runtime.allocate(size);
      endUnlessAddress(builder, op, address);
      replace(builder, op, address, allocate.getSizes());
    } else if (auto count = dyn_cast<BytesOp>(op)) {
      lowerBytes(builder, count);
    } else if (auto reserve = dyn_cast<ReserveOp>(op)) {
      Value wide = arith::IndexCastOp::create(builder, op->getLoc(), builder.getI64Type(), reserve.getBytes());
      endUnlessOk(builder, op, runtime.reserve(wide));
    } else if (auto place = dyn_cast<PlaceOp>(op)) {
      lowerPlace(builder, place);
    } else if (auto release = dyn_cast<ReleaseOp>(op)) {
      runtime.release(addressOf(release.getBuffer()));
    } else if (auto check = dyn_cast<CheckOp>(op)) {
      lowerCheck(builder, check);
    } else if (auto launch = dyn_cast<LaunchOp>(op)) {
      lowerLaunch(builder, launch);
    } else if (auto call = dyn_cast<CallRoutineOp>(op)) {
      lowerRoutine(builder, call);
    } else if (isa<func::ReturnOp>(op)) {
      func::ReturnOp::create(builder, op->getLoc(), runtime.constant(FSC_ABI_OK, 32));
    }
  }

  void replace(OpBuilder &builder, Operation *op, Value address, ValueRange sizes) {
    auto type = cast<MemRefType>(op->getResult(0).getType());
    Value buffer = BufferOp::create(builder, op->getLoc(), type, address, sizes);
    op->getResult(0).replaceAllUsesWith(buffer);
  }

  /// Of a buffer whose op is lowered.
  static Value addressOf(Value buffer) { return buffer.getDefiningOp<BufferOp>().getAddress(); }
  static ValueRange dynamicSizes(Value buffer) { return buffer.getDefiningOp<BufferOp>().getSizes(); }

  void lowerElement(OpBuilder &builder, ElementOp op) {
    Location loc = op.getLoc();
    MemRefType source = cast<MemRefType>(op.getSource().getType()), type = cast<MemRefType>(op.getResult().getType());
    ValueRange sizes = dynamicSizes(op.getSource()).drop_front(source.isDynamicDim(0) ? 1 : 0);
    // The element's own type may know more.
    SmallVector<Value> known;
    MemRefType element = MemRefType::get(source.getShape().drop_front(), source.getElementType());
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      if (type.isDynamicDim(axis))
        known.push_back(element.isDynamicDim(axis)
                            ? sizes[element.getDynamicDimIndex(axis)]
                            : arith::ConstantIndexOp::create(builder, loc, element.getDimSize(axis)).getResult());
    Value each = bytes(builder, loc, element, sizes);
    Value index = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), op.getIndex());
    Value offset = arith::MulIOp::create(builder, loc, each, index);
    Value address = LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(), addressOf(op.getSource()),
                                        ArrayRef<LLVM::GEPArg>{offset});
    replace(builder, op, address, known);
  }

  void store(OpBuilder &builder, Location loc, int64_t place, Value value) {
    if (value.getType().isIndex())
      value = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), value);
    LLVM::StoreOp::create(builder, loc, value, RuntimeCalls(builder, loc, context).offset(words, 8 * place));
  }

  void storeSizes(OpBuilder &builder, Location loc, MemRefType type, ValueRange dynamic) {
    unsigned next = 0;
    for (int64_t axis = 0; axis < type.getRank(); ++axis) {
      Value size = type.isDynamicDim(axis)
                       ? dynamic[next++]
                       : arith::ConstantIndexOp::create(builder, loc, type.getDimSize(axis)).getResult();
      store(builder, loc, axis, size);
    }
  }

  /// Of a buffer of this type, with these dynamic sizes.
  static Value bytes(OpBuilder &builder, Location loc, MemRefType type, ValueRange sizes) {
    int64_t known = std::max<int64_t>(1, type.getElementTypeBitWidth() / 8);
    for (int64_t size : type.getShape())
      known *= ShapedType::isDynamic(size) ? 1 : size;
    Value total = arith::ConstantIndexOp::create(builder, loc, known);
    for (Value size : sizes)
      total = arith::MulIOp::create(builder, loc, total, size);
    return arith::IndexCastOp::create(builder, loc, builder.getI64Type(), total);
  }

  /// Whether one of these sizes is negative.
  static Value anyNegative(OpBuilder &builder, Location loc, ValueRange sizes) {
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value negative = arith::ConstantIntOp::create(builder, loc, builder.getI1Type(), 0);
    for (Value size : sizes) {
      Value below = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, size, zero);
      negative = arith::OrIOp::create(builder, loc, negative, below);
    }
    return negative;
  }

  /// The same as `bytes` for sizes that may be anything: kMostBytes for more than that, also where the sizes other than
  /// 0 alone would be; a negative size counts as 0.
  static Value checkedBytes(OpBuilder &builder, Location loc, MemRefType type, ValueRange sizes) {
    Type f64 = builder.getF64Type(), i64 = builder.getI64Type();
    double known = std::max<double>(1, type.getElementTypeBitWidth() / 8);
    for (int64_t size : type.getShape())
      known *= ShapedType::isDynamic(size) ? 1 : double(std::max<int64_t>(size, 1));
    // Floats do not wrap around.
    Value wide = arith::ConstantOp::create(builder, loc, builder.getF64FloatAttr(known));
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0), one = arith::ConstantIndexOp::create(builder, loc, 1);
    SmallVector<Value> natural;
    for (Value size : sizes) {
      natural.push_back(arith::MaxSIOp::create(builder, loc, size, zero));
      Value positive = arith::MaxSIOp::create(builder, loc, size, one);
      Value factor =
          arith::SIToFPOp::create(builder, loc, f64, arith::IndexCastOp::create(builder, loc, i64, positive));
      wide = arith::MulFOp::create(builder, loc, wide, factor);
    }
    Value limit = arith::ConstantOp::create(builder, loc, builder.getF64FloatAttr(double(kMostBytes)));
    Value fits = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLE, wide, limit);
    return arith::SelectOp::create(builder, loc, fits, bytes(builder, loc, type, natural),
                                   arith::ConstantIntOp::create(builder, loc, i64, kMostBytes));
  }

  static void lowerBytes(OpBuilder &builder, BytesOp op) {
    Location loc = op.getLoc();
    Value count = checkedBytes(builder, loc, cast<MemRefType>(op.getOf()), op.getSizes());
    Value index = arith::IndexCastOp::create(builder, loc, builder.getIndexType(), count);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    Value more = arith::ConstantIndexOp::create(builder, loc, kArenaAlignment - 1);
    Value mask = arith::ConstantIndexOp::create(builder, loc, -kArenaAlignment);
    Value up = arith::AddIOp::create(builder, loc, arith::MaxSIOp::create(builder, loc, index, one), more);
    op.getBytes().replaceAllUsesWith(arith::AndIOp::create(builder, loc, up, mask).getResult());
  }

  void lowerPlace(OpBuilder &builder, PlaceOp op) {
    Location loc = op.getLoc();
    Value negative = anyNegative(builder, loc, op.getSizes());
    Value no = arith::ConstantIntOp::create(builder, loc, builder.getI1Type(), 0);
    Value ok = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, negative, no);
    endUnless(builder, op, ok, [](RuntimeCalls &runtime) {
      return runtime.fail(FSC_ABI_ERROR_INVALID_ARGUMENT, "a buffer has a negative size");
    });
    Value offset = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), op.getOffset());
    Value address = LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(),
                                        RuntimeCalls(builder, loc, context).arena(), ArrayRef<LLVM::GEPArg>{offset});
    replace(builder, op, address, op.getSizes());
  }

  /// Ends the run with `status` unless `ok` holds; what follows `op` goes on in a new block, and so does `builder`.
  void endUnless(OpBuilder &builder, Operation *op, Value ok, llvm::function_ref<Value(RuntimeCalls &)> status) {
    Block *block = builder.getInsertionBlock();
    Block *rest = block->splitBlock(op);
    Block *end = builder.createBlock(&main.getBody(), main.getBody().end());
    RuntimeCalls runtime(builder, op->getLoc(), context);
    func::ReturnOp::create(builder, op->getLoc(), status(runtime));
    builder.setInsertionPointToEnd(block);
    cf::CondBranchOp::create(builder, op->getLoc(), ok, rest, end);
    builder.setInsertionPoint(op);
  }

  void endUnlessAddress(OpBuilder &builder, Operation *op, Value address) {
    Value null = LLVM::ZeroOp::create(builder, op->getLoc(), pointer);
    Value ok = LLVM::ICmpOp::create(builder, op->getLoc(), LLVM::ICmpPredicate::ne, address, null);
    // The runtime has recorded why; any status but 0 will do.
    endUnless(builder, op, ok,
              [](RuntimeCalls &runtime) { return runtime.constant(FSC_ABI_ERROR_INVALID_ARGUMENT, 32); });
  }

  void endUnlessOk(OpBuilder &builder, Operation *op, Value status) {
    Value zero = RuntimeCalls(builder, op->getLoc(), context).constant(FSC_ABI_OK, 32);
    Value ok = LLVM::ICmpOp::create(builder, op->getLoc(), LLVM::ICmpPredicate::eq, status, zero);
    endUnless(builder, op, ok, [&](RuntimeCalls &) { return status; });
  }

  void lowerCheck(OpBuilder &builder, CheckOp check) {
    endUnless(builder, check, check.getCondition(), [&](RuntimeCalls &runtime) { return runtime.fail(check); });
  }

  void lowerLaunch(OpBuilder &builder, LaunchOp launch) {
    Location loc = launch.getLoc();
    int64_t place = 0;
    for (Value buffer : launch->getOperands()) {
      store(builder, loc, place++, addressOf(buffer));
      if (auto op = buffer.getDefiningOp<BufferOp>())
        for (Value size : op.getSizes())
          store(builder, loc, place++, size);
    }
    StringRef name = launch.getCallee().getLeafReference().getValue();
    ModuleOp kernel = kernels.lookup(launch.getCallee().getRootReference());
    auto index = kernel->getAttrOfType<IntegerAttr>(kKernelIndexAttr);
    auto cost = kernel->getAttrOfType<IntegerAttr>(kCostAttr);
    Type i64 = builder.getI64Type();
    Type none = LLVM::LLVMVoidType::get(&getContext());
    LLVM::LLVMFuncOp tasks = declare(name.str() + ".tasks", LLVM::LLVMFunctionType::get(i64, pointer));
    LLVM::LLVMFuncOp code = declare(name, LLVM::LLVMFunctionType::get(none, {pointer, pointer, pointer, i64, i64}));
    Value count = LLVM::CallOp::create(builder, loc, tasks, words).getResult();
    Value address = LLVM::AddressOfOp::create(builder, loc, code);
    RuntimeCalls runtime(builder, loc, context);
    Value status = runtime.parallel(runtime.constant(index.getInt()), address, words, count,
                                    runtime.constant(cost ? cost.getInt() : 0));
    endUnlessOk(builder, launch, status);
  }

  void lowerRoutine(OpBuilder &builder, CallRoutineOp op) {
    Location loc = op.getLoc();
    SmallVector<std::pair<Value, SmallVector<Value>>> inputs;
    for (Value buffer : op.getInputs()) {
      auto type = cast<MemRefType>(buffer.getType());
      SmallVector<Value> sizes;
      for (int64_t axis = 0; axis < type.getRank(); ++axis) {
        Value index = arith::ConstantIndexOp::create(builder, loc, axis);
        sizes.push_back(builder.createOrFold<memref::DimOp>(loc, buffer, index));
      }
      inputs.emplace_back(addressOf(buffer), sizes);
    }
    RoutineCall call(builder, op, context, main.front());
    Value routine = call.find();
    Value null = LLVM::ZeroOp::create(builder, loc, pointer);
    Value found = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, routine, null);
    endUnless(builder, op, found,
              [&](RuntimeCalls &runtime) { return runtime.fail(FSC_ABI_ERROR_UNSUPPORTED, call.notFound()); });
    endUnlessOk(builder, op, call.call(routine, inputs));
    for (OpResult result : op->getResults()) {
      auto [address, sizes] = call.result(result.getResultNumber());
      Value buffer = BufferOp::create(builder, loc, cast<MemRefType>(result.getType()), address, sizes);
      result.replaceAllUsesWith(buffer);
    }
  }

  LLVM::LLVMFuncOp declare(StringRef name, LLVM::LLVMFunctionType type) {
    std::string symbol = name.str();
    if (auto known = declared.lookup(symbol))
      return known;
    OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
    auto function = LLVM::LLVMFuncOp::create(builder, getOperation().getLoc(), symbol, type);
    declared[symbol] = function;
    return function;
  }

  func::FuncOp main;
  Type pointer;
  Value context, words;
  llvm::MapVector<StringAttr, ModuleOp> kernels;
  llvm::StringMap<LLVM::LLVMFuncOp> declared;
};

} // namespace
} // namespace fsc
