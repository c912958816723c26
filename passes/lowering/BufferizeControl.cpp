//===- BufferizeControl.cpp - Branches and loops on buffers ---------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// fsc.if, fsc.loop  ->  scf.if, scf.while
//
// What has a static size lies in one buffer around the branch or loop: kernels of a
// branch write to the result's buffer; carried values are copied, at the end of an iteration, to
// the buffer from which the next one reads them. What has a dynamic size is
// made inside and handed on, as an address and sizes, to whoever releases it.
//
// Elements of a scan output are written to their place in one buffer if their
// size and the number of iterations are known when the loop begins; otherwise they are copied to a buffer that
// doubles when it is full.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Control.h"
#include "dialects/fsc/ops/Host.h"
#include "dialects/fsc/ops/Kernel.h"
#include "passes/lowering/HostBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "runtime/abi/Artifact.h"

using namespace mlir;

namespace fsc {

Value HostBuilder::index(Location loc, int64_t value) { return arith::ConstantIndexOp::create(builder, loc, value); }

SmallVector<Value> HostBuilder::dynamicSizes(Location loc, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<Value> sizes;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.isDynamicDim(axis))
      sizes.push_back(memref::DimOp::create(builder, loc, buffer, index(loc, axis)));
  return sizes;
}

/// Adds a buffer's address and dynamic sizes to `values`.
void HostBuilder::handOn(Location loc, Value buffer, SmallVectorImpl<Value> &values) {
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  values.push_back(AddressOp::create(builder, loc, pointer, buffer));
  llvm::append_range(values, dynamicSizes(loc, buffer));
}

static void handedTypes(MemRefType type, SmallVectorImpl<Type> &types) {
  types.push_back(LLVM::LLVMPointerType::get(type.getContext()));
  types.append(type.getNumDynamicDims(), IndexType::get(type.getContext()));
}

/// The buffer that the first of `values` were handed on from, which are taken away.
Value HostBuilder::receive(Location loc, MemRefType type, ValueRange &values, bool owned) {
  size_t count = 1 + type.getNumDynamicDims();
  Value buffer = BufferOp::create(builder, loc, type, values[0], values.slice(1, count - 1), owned);
  values = values.drop_front(count);
  return buffer;
}

static MemRefType bufferTypeOf(Value tensor) { return bufferType(cast<RankedTensorType>(tensor.getType())); }

//===----------------------------------------------------------------------===//
// If
//===----------------------------------------------------------------------===//

LogicalResult HostBuilder::convertIf(IfOp op) {
  Location loc = op.getLoc();
  SmallVector<Type> types;
  for (Value result : op.getResults()) {
    MemRefType type = bufferTypeOf(result);
    if (type.hasStaticShape())
      buffers.map(result, AllocateOp::create(builder, loc, type, ValueRange()).getBuffer());
    else
      handedTypes(type, types);
  }
  auto branch = scf::IfOp::create(builder, loc, types, number(op.getCondition()), /*addThenBlock=*/true,
                                  /*addElseBlock=*/true);
  for (auto [from, to] : llvm::zip(op->getRegions(), branch->getRegions())) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&to.front());
    OperandRange yielded = from.front().getTerminator()->getOperands();
    for (auto [result, value] : llvm::zip_equal(op.getResults(), yielded))
      if (Value buffer = buffers.lookupOrNull(result))
        places[value] = buffer;
    if (failed(convertBlock(from.front())))
      return failure();
    SmallVector<Value> handed;
    for (Value value : yielded)
      if (!bufferTypeOf(value).hasStaticShape())
        handOn(loc, buffers.lookup(value), handed);
    scf::YieldOp::create(builder, loc, handed);
  }
  ValueRange handed = branch.getResults();
  for (Value result : op.getResults())
    if (!buffers.contains(result))
      buffers.map(result, receive(loc, bufferTypeOf(result), handed, /*owned=*/true));
  return success();
}

//===----------------------------------------------------------------------===//
// Loop
//===----------------------------------------------------------------------===//

/// How many sizes of the elements of a scan output are dynamic.
static size_t numElementSizes(MemRefType stack) {
  return llvm::count_if(stack.getShape().drop_front(), ShapedType::isDynamic);
}

/// What a loop on buffers is made with. Its values are: the number of the iteration; whether to go on; each carried
/// value of dynamic size, handed on; for each scan output that grows its address, capacity and sizes of elements.
struct HostBuilder::LoopState {
  Value limit; // null if there is none
  Value goesOn;
  SmallVector<Value> initial;
  llvm::SmallPtrSet<Value, 4> growing; // results
  llvm::SmallPtrSet<Value, 4> placed;  // yielded elements that kernels write to their place
};

/// Where the loop begins: its limits, the buffers around it, and the first values.
void HostBuilder::enterLoop(LoopOp op, LoopState &state) {
  Location loc = op.getLoc();
  state.goesOn = op.getCondition() ? number(op.getCondition())
                                   : arith::ConstantIntOp::create(builder, loc, builder.getI1Type(), 1).getResult();
  if (op.getTripCount())
    state.limit = arith::MaxSIOp::create(builder, loc, number(op.getTripCount()), index(loc, 0));
  state.initial = {index(loc, 0), state.goesOn};
  for (auto [initial, argument] : llvm::zip(op.getCarried(), op.getCarriedArguments())) {
    Value buffer = buffers.lookup(initial);
    if (bufferTypeOf(initial).hasStaticShape())
      buffers.map(argument, buffer);
    else
      handOn(loc, buffer, state.initial);
  }
  bool isCounted = state.limit && op.runsToEnd();
  for (Value result : op.getStacked()) {
    MemRefType type = bufferTypeOf(result);
    bool isStatic = !llvm::any_of(type.getShape().drop_front(), ShapedType::isDynamic);
    if (isCounted && isStatic) {
      SmallVector<Value> count;
      if (type.isDynamicDim(0)) {
        count.push_back(arith::SelectOp::create(builder, loc, state.goesOn, state.limit, index(loc, 0)));
        // The number is the user's: its product with the elements' size must not overflow.
        int64_t bytes =
            std::max<int64_t>(1, byteSize(MemRefType::get(type.getShape().drop_front(), type.getElementType())));
        Value most = index(loc, INT64_MAX / bytes);
        CheckOp::create(builder, loc, arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle, count[0], most),
                        "a loop of so many iterations has a scan output larger than memory");
      }
      buffers.map(result, AllocateOp::create(builder, loc, type, count).getBuffer());
      continue;
    }
    state.growing.insert(result);
    state.initial.push_back(LLVM::ZeroOp::create(builder, loc, LLVM::LLVMPointerType::get(builder.getContext())));
    state.initial.append(1 + numElementSizes(type), index(loc, 0)); // the first is the capacity
  }
}

/// Whether the loop makes lists, of which those that are not carried on are to be forgotten.
static bool makesLists(LoopOp op) {
  auto isList = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && isListType(tensor.getElementType());
  };
  auto makes = [&](Operation *inner) {
    bool does = isRoutine(inner) &&
                (llvm::any_of(inner->getOperandTypes(), isList) || llvm::any_of(inner->getResultTypes(), isList));
    return does ? WalkResult::interrupt() : WalkResult::advance();
  };
  return op.getBody().walk(makes).wasInterrupted();
}

void HostBuilder::tellLoop(LoopOp op, StringRef routine, ValueRange carried) {
  if (makesLists(op))
    CallRoutineOp::create(builder, op.getLoc(), TypeRange(), routine, builder.getDictionaryAttr({}),
                          SmallVector<int32_t>(carried.size(), FSC_ABI_SEQUENCE), ArrayRef<int32_t>(),
                          ArrayRef<int64_t>(), StringAttr(), carried);
}

LogicalResult HostBuilder::convertLoop(LoopOp op) {
  Location loc = op.getLoc();
  LoopState state;
  enterLoop(op, state);
  tellLoop(op, "EnterLoop");
  SmallVector<Type> types = llvm::map_to_vector(state.initial, [](Value value) { return value.getType(); });
  SmallVector<Location> locs(types.size(), loc);
  auto loop = scf::WhileOp::create(builder, loc, types, state.initial);
  {
    OpBuilder::InsertionGuard guard(builder);
    Block *before = builder.createBlock(&loop.getBefore(), {}, types, locs);
    Value go = before->getArgument(1);
    if (state.limit) {
      Value more = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, before->getArgument(0), state.limit);
      go = arith::AndIOp::create(builder, loc, go, more);
    }
    scf::ConditionOp::create(builder, loc, go, before->getArguments());
    Block *after = builder.createBlock(&loop.getAfter(), {}, types, locs);
    if (failed(convertBody(op, state, after->getArguments())))
      return failure();
  }
  tellLoop(op, "LeaveLoop");
  ValueRange last = loop.getResults();
  Value count = last[0];
  last = last.drop_front(2);
  for (auto [result, argument, initial] : llvm::zip(op.getResults(), op.getCarriedArguments(), op.getCarried()))
    if (bufferTypeOf(result).hasStaticShape())
      buffers.map(result, buffers.lookup(argument));
    else
      buffers.map(result, receive(loc, bufferTypeOf(result), last, /*owned=*/true));
  for (Value result : op.getStacked()) {
    if (!state.growing.contains(result))
      continue;
    MemRefType type = bufferTypeOf(result);
    size_t numSizes = numElementSizes(type);
    SmallVector<Value> sizes(last.slice(2, numSizes));
    if (type.isDynamicDim(0))
      sizes.insert(sizes.begin(), count);
    buffers.map(result, BufferOp::create(builder, loc, type, last[0], sizes, /*owned=*/true).getBuffer());
    last = last.drop_front(2 + numSizes);
  }
  return success();
}

/// Lets kernels that compute elements write to their place, where that is known.
void HostBuilder::placeElements(LoopOp op, LoopState &state, Value iteration) {
  for (auto [result, value] : llvm::zip_equal(op.getStacked(), op.getYieldedElements())) {
    auto kernel = value.getDefiningOp<KernelOp>();
    if (state.growing.contains(result) || !kernel || kernel->getBlock() != &op.getBlock() ||
        llvm::is_contained(op.getYieldedCarried(), value) || !state.placed.insert(value).second)
      continue;
    MemRefType type = bufferTypeOf(value);
    places[value] = ElementOp::create(builder, op.getLoc(), type, buffers.lookup(result), iteration);
  }
}

LogicalResult HostBuilder::convertBody(LoopOp op, LoopState &state, ValueRange arguments) {
  Location loc = op.getLoc();
  Value iteration = arguments[0];
  ValueRange rest = arguments.drop_front(2);
  if (!op.getIteration().use_empty()) {
    auto type = bufferTypeOf(op.getIteration());
    Value buffer = AllocateOp::create(builder, loc, type, ValueRange());
    Value wide = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), iteration);
    memref::StoreOp::create(builder, loc, wide, buffer, SmallVector<Value>(type.getRank(), index(loc, 0)));
    buffers.map(op.getIteration(), buffer);
  }
  for (auto [argument, value] : llvm::zip(op.getCarriedArguments(), op.getYieldedCarried()))
    if (!bufferTypeOf(argument).hasStaticShape())
      buffers.map(argument, receive(loc, bufferTypeOf(argument), rest, /*owned=*/argument != value));
  placeElements(op, state, iteration);
  if (failed(convertBlock(op.getBlock())))
    return failure();

  SmallVector<Value> next = {arith::AddIOp::create(builder, loc, iteration, index(loc, 1)),
                             number(op.getYield().getValues().front())};
  for (Value value : op.getYieldedCarried())
    if (!bufferTypeOf(value).hasStaticShape())
      handOn(loc, buffers.lookup(value), next);
  llvm::SmallPtrSet<Value, 4> written;
  for (auto [result, value] : llvm::zip_equal(op.getStacked(), op.getYieldedElements())) {
    Value element = buffers.lookup(value);
    MemRefType type = bufferTypeOf(result);
    if (state.growing.contains(result)) {
      appendElement(op, state, element, type, iteration, rest, next);
      rest = rest.drop_front(2 + numElementSizes(type));
    } else if (!state.placed.contains(value) || !written.insert(value).second) {
      Value place =
          ElementOp::create(builder, loc, cast<MemRefType>(element.getType()), buffers.lookup(result), iteration);
      memref::CopyOp::create(builder, loc, element, place);
    }
  }
  // Last, because everything above may read the old values.
  for (auto [argument, value] : llvm::zip(op.getCarriedArguments(), op.getYieldedCarried()))
    if (argument != value && bufferTypeOf(argument).hasStaticShape())
      memref::CopyOp::create(builder, loc, buffers.lookup(value), buffers.lookup(argument));
  SmallVector<Value> lists;
  for (Value argument : op.getCarriedArguments())
    if (isListType(cast<RankedTensorType>(argument.getType()).getElementType()))
      lists.push_back(buffers.lookup(argument));
  tellLoop(op, "EndIteration", lists);
  scf::YieldOp::create(builder, loc, next);
  return success();
}

/// Copies an element to the end of a buffer that grows. `grown` begins with the buffer's address, capacity and sizes of
/// elements; those to go on with are added to `next`.
void HostBuilder::appendElement(LoopOp op, LoopState &state, Value element, MemRefType stack, Value iteration,
                                ValueRange grown, SmallVectorImpl<Value> &next) {
  Location loc = op.getLoc();
  Value address = grown[0], capacity = grown[1];
  SmallVector<Value> sizes;
  auto type = cast<MemRefType>(element.getType());
  Value isFirst = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, iteration, index(loc, 0));
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    if (!stack.isDynamicDim(axis + 1))
      continue;
    Value size = memref::DimOp::create(builder, loc, element, index(loc, axis));
    Value before = grown[2 + sizes.size()];
    Value same = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, size, before);
    CheckOp::create(builder, loc, arith::OrIOp::create(builder, loc, isFirst, same),
                    "the elements of a scan output are not all of one size");
    sizes.push_back(size);
  }
  // Types in which the first dim, too, is dynamic.
  SmallVector<int64_t> shape(stack.getShape());
  shape[0] = ShapedType::kDynamic;
  auto wide = MemRefType::get(shape, stack.getElementType());
  auto withCount = [&](Value count) {
    SmallVector<Value> all = {count};
    llvm::append_range(all, sizes);
    return all;
  };
  Value isFull = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, iteration, capacity);
  auto grow = scf::IfOp::create(builder, loc, TypeRange{address.getType(), capacity.getType()}, isFull,
                                /*addThenBlock=*/true, /*addElseBlock=*/true);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(grow.thenBlock());
    // Not more than one would in any case need soon: the number of iterations is the user's.
    Value least = index(loc, 4);
    if (state.limit && op.runsToEnd())
      least = arith::MaxSIOp::create(builder, loc, least,
                                     arith::MinSIOp::create(builder, loc, state.limit, index(loc, 1024)));
    Value doubled = arith::MulIOp::create(builder, loc, capacity, index(loc, 2));
    Value larger = arith::MaxSIOp::create(builder, loc, doubled, least);
    Value fresh = AllocateOp::create(builder, loc, wide, withCount(larger));
    Value moved = AddressOp::create(builder, loc, address.getType(), fresh);
    Value from = BufferOp::create(builder, loc, wide, address, withCount(iteration), /*owned=*/false);
    Value to = BufferOp::create(builder, loc, wide, moved, withCount(iteration), /*owned=*/false);
    memref::CopyOp::create(builder, loc, from, to);
    ReleaseOp::create(builder, loc, from);
    scf::YieldOp::create(builder, loc, ValueRange{moved, larger});
    builder.setInsertionPointToStart(grow.elseBlock());
    scf::YieldOp::create(builder, loc, ValueRange{address, capacity});
  }
  llvm::append_range(next, grow.getResults());
  llvm::append_range(next, sizes);
  Value whole = BufferOp::create(builder, loc, wide, grow.getResult(0), withCount(grow.getResult(1)), /*owned=*/false);
  Value place = ElementOp::create(builder, loc, type, whole, iteration);
  memref::CopyOp::create(builder, loc, element, place);
}

} // namespace fsc
