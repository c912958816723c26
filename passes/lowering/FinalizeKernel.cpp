//===- FinalizeKernel.cpp - The signature that the host calls -------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// @k(memrefs)  ->  @k.body(context, scratch, begin, end, addresses and sizes), private
//                  @k(context, words, scratch, begin, end), which calls it
//                  @k.tasks(words) -> number of tasks
//
// The body has its buffers as arguments of their own so that LLVM knows that
// they do not overlap. A kernel with one scf.forall and no other code that
// writes memory runs its iterations as tasks; any other is one task.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Host.h"
#include "passes/lowering/Lowering.h"
#include "passes/lowering/RuntimeCalls.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "runtime/abi/Artifact.h"
#include "llvm/Support/MathExtras.h"

namespace fsc {
#define GEN_PASS_DEF_FINALIZEKERNEL
#include "passes/lowering/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {
namespace {

struct FinalizeKernel : impl::FinalizeKernelBase<FinalizeKernel> {
  void runOnOperation() override {
    auto functions = llvm::to_vector(getOperation().getOps<func::FuncOp>());
    if (functions.empty() || !getOperation()->hasAttr(kKernelIndexAttr))
      return;
    body = functions.front();
    pointer = LLVM::LLVMPointerType::get(&getContext());
    memrefs = llvm::map_to_vector(body.getArgumentTypes(), [](Type type) { return cast<MemRefType>(type); });
    name = body.getName().str();
    forall = findTaskLoop();
    makeTasksFunction();
    rewriteSignature();
    makeEntryFunction();
    if (forall)
      makeTaskLoop();
    if (failed(placeTemporaries()))
      return signalPassFailure();
    lowerChecks();
  }

  /// The only scf.forall, if nothing else at the top writes memory.
  scf::ForallOp findTaskLoop() {
    scf::ForallOp found;
    for (Operation &op : body.front().without_terminator()) {
      if (auto loop = dyn_cast<scf::ForallOp>(op)) {
        if (found)
          return {};
        found = loop;
      } else if (!isMemoryEffectFree(&op) && !isa<memref::AllocOp>(op)) {
        return {};
      }
    }
    return found;
  }

  Location loc() { return body.getLoc(); }

  /// Buffers from the words that the host passes.
  SmallVector<Value> unpackWords(OpBuilder &builder, Value words) {
    SmallVector<Value> values;
    RuntimeCalls runtime(builder, loc(), Value());
    int64_t next = 0;
    for (MemRefType type : memrefs) {
      values.push_back(runtime.load(words, 8 * next++, pointer));
      for (size_t i = 0; i < type.getNumDynamicDims(); ++i) {
        Value size = runtime.load(words, 8 * next++, builder.getI64Type());
        values.push_back(arith::IndexCastOp::create(builder, loc(), builder.getIndexType(), size));
      }
    }
    return values;
  }

  /// Buffers from the unpacked addresses and sizes.
  SmallVector<Value> makeBuffers(OpBuilder &builder, ValueRange unpacked) {
    SmallVector<Value> buffers;
    for (MemRefType type : memrefs) {
      unsigned dynamic = type.getNumDynamicDims();
      buffers.push_back(BufferOp::create(builder, loc(), type, unpacked.front(), unpacked.slice(1, dynamic)));
      unpacked = unpacked.drop_front(1 + dynamic);
    }
    return buffers;
  }

  void makeTasksFunction() {
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    auto tasks = func::FuncOp::create(builder, loc(), name + ".tasks",
                                      FunctionType::get(&getContext(), pointer, builder.getI64Type()));
    Block *block = tasks.addEntryBlock();
    builder.setInsertionPointToStart(block);
    Value count = arith::ConstantIndexOp::create(builder, loc(), 1);
    if (forall) {
      IRMapping mapping;
      SmallVector<Value> buffers = makeBuffers(builder, unpackWords(builder, block->getArgument(0)));
      mapping.map(body.getArguments(), buffers);
      // The bounds may be computed; bring along what computes them.
      llvm::SetVector<Operation *> slice;
      BackwardSliceOptions inclusive;
      inclusive.inclusive = true;
      for (Value bound : forall->getOperands())
        if (bound.getDefiningOp() && failed(getBackwardSlice(bound, &slice, inclusive)))
          break;
      for (Operation &op : body.front())
        if (slice.contains(&op))
          builder.clone(op, mapping);
      for (Value trips : tripCounts(builder, &mapping))
        count = builder.createOrFold<arith::MulIOp>(loc(), count, trips);
    }
    Value result = arith::IndexCastOp::create(builder, loc(), builder.getI64Type(), count);
    func::ReturnOp::create(builder, loc(), result);
  }

  SmallVector<Value> tripCounts(OpBuilder &builder, IRMapping *mapping) {
    SmallVector<Value> counts;
    auto value = [&](OpFoldResult bound) {
      if (auto dynamic = dyn_cast<Value>(bound))
        return mapping ? mapping->lookupOrDefault(dynamic) : dynamic;
      return arith::ConstantIndexOp::create(builder, loc(), *getConstantIntValue(bound)).getResult();
    };
    for (auto [low, high, step] :
         llvm::zip(forall.getMixedLowerBound(), forall.getMixedUpperBound(), forall.getMixedStep())) {
      Value extent = builder.createOrFold<arith::SubIOp>(loc(), value(high), value(low));
      counts.push_back(builder.createOrFold<arith::CeilDivUIOp>(loc(), extent, value(step)));
    }
    return counts;
  }

  /// Makes of the function @k.body(context, scratch, begin, end, addresses and sizes).
  void rewriteSignature() {
    Block &block = body.front();
    OpBuilder builder = OpBuilder::atBlockBegin(&block);
    context = block.addArgument(pointer, loc());
    scratch = block.addArgument(pointer, loc());
    begin = block.addArgument(builder.getI64Type(), loc());
    end = block.addArgument(builder.getI64Type(), loc());
    SmallVector<Value> unpacked;
    for (MemRefType type : memrefs) {
      unpacked.push_back(block.addArgument(pointer, loc()));
      for (size_t i = 0; i < type.getNumDynamicDims(); ++i)
        unpacked.push_back(block.addArgument(builder.getIndexType(), loc()));
    }
    for (auto [argument, buffer] : llvm::zip(block.getArguments(), makeBuffers(builder, unpacked)))
      argument.replaceAllUsesWith(buffer);
    body.removeArgAttrsAttr();
    block.eraseArguments(0, memrefs.size());
    body.setType(FunctionType::get(&getContext(), block.getArgumentTypes(), {}));
    body.setName(name + ".body");
    body.setPrivate();
    for (unsigned i = 4; i < block.getNumArguments(); ++i)
      if (block.getArgument(i).getType() == pointer)
        body.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(), builder.getUnitAttr());
  }

  void makeEntryFunction() {
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    Type i64 = builder.getI64Type();
    auto entry = func::FuncOp::create(builder, loc(), name,
                                      FunctionType::get(&getContext(), {pointer, pointer, pointer, i64, i64}, {}));
    Block *block = entry.addEntryBlock();
    builder.setInsertionPointToStart(block);
    SmallVector<Value> arguments = {block->getArgument(0), block->getArgument(2), block->getArgument(3),
                                    block->getArgument(4)};
    llvm::append_range(arguments, unpackWords(builder, block->getArgument(1)));
    func::CallOp::create(builder, loc(), body, arguments);
    func::ReturnOp::create(builder, loc());
  }

  /// Replaces the scf.forall by blocks that run the tasks [begin, end).
  void makeTaskLoop() {
    OpBuilder builder(forall);
    Block *before = forall->getBlock();
    Block *exit = before->splitBlock(forall);
    Type i64 = builder.getI64Type();
    Block *header = builder.createBlock(exit, i64, loc());
    Block *task = builder.createBlock(exit);
    builder.setInsertionPointToEnd(before);
    SmallVector<Value> counts = tripCounts(builder, nullptr);
    SmallVector<Value> lows, steps;
    for (auto [low, step] : llvm::zip(forall.getMixedLowerBound(), forall.getMixedStep())) {
      lows.push_back(getValueOrCreateConstantIndexOp(builder, loc(), low));
      steps.push_back(getValueOrCreateConstantIndexOp(builder, loc(), step));
    }
    cf::BranchOp::create(builder, loc(), header, begin);
    builder.setInsertionPointToEnd(header);
    Value current = header->getArgument(0);
    Value more = arith::CmpIOp::create(builder, loc(), arith::CmpIPredicate::slt, current, end);
    cf::CondBranchOp::create(builder, loc(), more, task, exit);
    builder.setInsertionPointToEnd(task);
    Value rest = arith::IndexCastOp::create(builder, loc(), builder.getIndexType(), current);
    SmallVector<Value> ivs(counts.size());
    for (size_t axis = counts.size(); axis-- > 0;) {
      Value place = axis == 0 ? rest : builder.createOrFold<arith::RemUIOp>(loc(), rest, counts[axis]);
      if (axis != 0)
        rest = builder.createOrFold<arith::DivUIOp>(loc(), rest, counts[axis]);
      Value scaled = builder.createOrFold<arith::MulIOp>(loc(), place, steps[axis]);
      ivs[axis] = builder.createOrFold<arith::AddIOp>(loc(), scaled, lows[axis]);
    }
    for (auto [iv, value] : llvm::zip(forall.getInductionVars(), ivs))
      iv.replaceAllUsesWith(value);
    Block *inner = forall.getBody();
    inner->getTerminator()->erase();
    task->getOperations().splice(task->end(), inner->getOperations());
    builder.setInsertionPointToEnd(task);
    Value next = arith::AddIOp::create(builder, loc(), current, arith::ConstantIntOp::create(builder, loc(), 1, 64));
    cf::BranchOp::create(builder, loc(), header, next);
    forall.erase();
  }

  /// Scratch for temporaries of bounded size, the runtime's memory for others.
  LogicalResult placeTemporaries() {
    SmallVector<memref::AllocOp> allocs;
    body.walk([&](memref::AllocOp op) { allocs.push_back(op); });
    body.walk([&](memref::DeallocOp op) { op.erase(); });
    int64_t used = 0;
    for (memref::AllocOp op : allocs) {
      OpBuilder builder(op);
      RuntimeCalls runtime(builder, op.getLoc(), context);
      if (std::optional<int64_t> bytes = boundedBytes(op)) {
        Value address = runtime.offset(scratch, used);
        used += llvm::alignTo(std::max<int64_t>(*bytes, 1), FSC_ABI_ALIGNMENT);
        replaceAlloc(builder, op, address);
      } else if (failed(allocateAtRunTime(op))) {
        return failure();
      }
    }
    getOperation()->setAttr(kScratchBytesAttr, Builder(&getContext()).getI64IntegerAttr(used));
    return success();
  }

  static void replaceAlloc(OpBuilder &builder, memref::AllocOp op, Value address) {
    Value buffer = BufferOp::create(builder, op.getLoc(), op.getType(), address, op.getDynamicSizes());
    op.replaceAllUsesWith(buffer);
    op.erase();
  }

  static std::optional<int64_t> boundedBytes(memref::AllocOp op) {
    // Larger temporaries are not worth their share of every worker's scratch.
    constexpr int64_t limit = int64_t(1) << 26;
    int64_t count = std::max<int64_t>(1, op.getType().getElementTypeBitWidth() / 8);
    unsigned dynamic = 0;
    for (int64_t size : op.getType().getShape()) {
      if (ShapedType::isDynamic(size)) {
        FailureOr<int64_t> bound = ValueBoundsConstraintSet::computeConstantBound(
            presburger::BoundType::UB, op.getDynamicSizes()[dynamic++], nullptr, /*closedUB=*/true);
        if (failed(bound))
          return std::nullopt;
        size = *bound;
      }
      count *= std::max<int64_t>(size, 0);
      if (count > limit)
        return std::nullopt;
    }
    return count;
  }

  LogicalResult allocateAtRunTime(memref::AllocOp op) {
    Block *block = op->getBlock();
    if (block->getParent() != &body.getBody())
      return op.emitError("internal: a temporary of unbounded size inside a loop");
    OpBuilder builder(op);
    Location where = op.getLoc();
    Value bytes =
        arith::ConstantIndexOp::create(builder, where, std::max<int64_t>(1, op.getType().getElementTypeBitWidth() / 8));
    unsigned dynamic = 0;
    for (int64_t size : op.getType().getShape()) {
      Value factor = ShapedType::isDynamic(size) ? op.getDynamicSizes()[dynamic++]
                                                 : arith::ConstantIndexOp::create(builder, where, size).getResult();
      bytes = builder.createOrFold<arith::MulIOp>(where, bytes, factor);
    }
    bytes = arith::IndexCastOp::create(builder, where, builder.getI64Type(), bytes);
    Value address = RuntimeCalls(builder, where, context).allocate(bytes);
    Value null = LLVM::ZeroOp::create(builder, where, pointer);
    Value ok = LLVM::ICmpOp::create(builder, where, LLVM::ICmpPredicate::ne, address, null);
    Block *rest = block->splitBlock(op);
    Block *failed = builder.createBlock(&body.getBody(), body.getBody().end());
    func::ReturnOp::create(builder, where);
    builder.setInsertionPointToEnd(block);
    cf::CondBranchOp::create(builder, where, ok, rest, failed);
    builder.setInsertionPoint(rest->getTerminator());
    RuntimeCalls(builder, where, context).release(address);
    builder.setInsertionPoint(op);
    replaceAlloc(builder, op, address);
    return success();
  }

  void lowerChecks() {
    SmallVector<CheckOp> checks;
    body.walk([&](CheckOp op) { checks.push_back(op); });
    for (CheckOp op : checks) {
      OpBuilder builder(op);
      Value truth = arith::ConstantIntOp::create(builder, op.getLoc(), 1, 1);
      Value bad = arith::XOrIOp::create(builder, op.getLoc(), op.getCondition(), truth);
      auto branch = scf::IfOp::create(builder, op.getLoc(), bad, /*withElseRegion=*/false);
      builder.setInsertionPointToStart(branch.thenBlock());
      RuntimeCalls(builder, op.getLoc(), context).fail(op);
      op.erase();
    }
  }

  func::FuncOp body;
  scf::ForallOp forall;
  std::string name;
  Type pointer;
  SmallVector<MemRefType> memrefs;
  Value context, scratch, begin, end;
};

} // namespace
} // namespace fsc
