//===- ArenaFormula.cpp - Places that follow from sizes -------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Only what every run executes is planned: a branch that is not taken may have sizes that
// are not legal, or larger than memory.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Host.h"
#include "passes/lowering/ArenaPlan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fsc {

/// What a size or a value of an input is taken to be where the plan is made.
constexpr int64_t sampleSize = 128;
/// Ranges that bound the arena by so many bytes have it made with the session.
constexpr int64_t mostReserved = int64_t(1) << 30;

/// memref.dim of a buffer that was made with its sizes  ->  that size
void ArenaFormula::resolveDims() {
  main.walk([](memref::DimOp dim) {
    auto type = cast<MemRefType>(dim.getSource().getType());
    std::optional<int64_t> axis = dim.getConstantIndex();
    Operation *source = dim.getSource().getDefiningOp();
    if (!axis || *axis < 0 || *axis >= type.getRank() || !type.isDynamicDim(unsigned(*axis)))
      return;
    if (!isa_and_nonnull<AllocateOp, OutputOp, BufferViewOp>(source))
      return;
    // Sizes are the last operands of all of these.
    OperandRange sizes = source->getOperands().take_back(type.getNumDynamicDims());
    dim.getResult().replaceAllUsesWith(sizes[type.getDynamicDimIndex(unsigned(*axis))]);
  });
}

static bool isInput(Value buffer) { return isa_and_nonnull<InputOp, WeightOp>(buffer.getDefiningOp()); }

/// Whether an op whose operands follow from the inputs gives what follows from them. Constants, arithmetic, and what is
/// read of an input.
static bool followsFromInputs(Operation *op) {
  if (isa<InputOp, WeightOp>(op) || isa<arith::ArithDialect>(op->getDialect()))
    return true;
  if (auto dim = dyn_cast<memref::DimOp>(op))
    return isInput(dim.getSource());
  auto load = dyn_cast<memref::LoadOp>(op);
  return load && isInput(load.getMemRef());
}

/// The name of the size that memref.dim of an input reads; "" if it has none.
StringRef ArenaFormula::symbolOf(Operation *op) const {
  auto dim = dyn_cast<memref::DimOp>(op);
  auto input = dim ? dim.getSource().getDefiningOp<InputOp>() : InputOp();
  auto arguments = main->getAttrOfType<ArrayAttr>(kArgumentsAttr);
  if (!input || !arguments || input.getIndex() >= arguments.size())
    return "";
  auto names = cast<DictionaryAttr>(arguments[input.getIndex()]).getAs<ArrayAttr>("fsc.dims");
  std::optional<int64_t> axis = dim.getConstantIndex();
  if (!names || !axis || *axis < 0 || *axis >= int64_t(names.size()))
    return "";
  return cast<StringAttr>(names[*axis]).getValue();
}

/// The least and the most that memref.dim of an input can be.
std::pair<int64_t, int64_t> ArenaFormula::rangeOf(Operation *op) const {
  auto ranges = main->getAttrOfType<DictionaryAttr>(kRangesAttr);
  StringRef symbol = symbolOf(op);
  auto range = ranges && !symbol.empty() ? ranges.getAs<DenseI64ArrayAttr>(symbol) : DenseI64ArrayAttr();
  return range ? std::pair(range[0], std::min(range[1], kMostBytes)) : std::pair(int64_t(0), kMostBytes);
}

/// Finds what the integer results of an op can be, from what its operands can be.
void ArenaFormula::inferBounds(Operation *op) {
  if (isa<memref::DimOp>(op)) {
    auto [least, most] = rangeOf(op);
    bounds.try_emplace(op->getResult(0),
                       ConstantIntRanges::fromSigned(APInt(64, uint64_t(least)), APInt(64, uint64_t(most))));
    return;
  }
  auto inferrable = dyn_cast<InferIntRangeInterface>(op);
  SmallVector<ConstantIntRanges> operands;
  for (Value operand : op->getOperands()) {
    auto known = bounds.find(operand);
    if (known == bounds.end())
      return;
    operands.push_back(known->second);
  }
  if (inferrable)
    inferrable.inferResultRanges(
        operands, [&](Value value, const ConstantIntRanges &range) { bounds.try_emplace(value, range); });
}

/// A result's value for the sample sizes.
Attribute ArenaFormula::sampleOf(Operation *op, unsigned result) {
  Builder builder(op);
  Type type = op->getResult(result).getType();
  SmallVector<Attribute> operands = llvm::map_to_vector(op->getOperands(), [&](Value v) { return samples.lookup(v); });
  SmallVector<OpFoldResult> folded;
  if (isa<arith::ArithDialect>(op->getDialect()) && succeeded(op->fold(operands, folded)) && result < folded.size()) {
    auto value = dyn_cast<Attribute>(folded[result]);
    return value ? value : samples.lookup(cast<Value>(folded[result]));
  }
  if (isa<memref::DimOp>(op)) {
    auto [least, most] = rangeOf(op);
    return builder.getIndexAttr(std::clamp(sampleSize, least, most));
  }
  if (type.isIntOrIndex())
    return builder.getIntegerAttr(type, type.isIndex() || type.getIntOrFloatBitWidth() >= 32 ? sampleSize : 1);
  return isa<FloatType>(type) ? Attribute(builder.getFloatAttr(type, double(sampleSize)))
                              : Attribute(builder.getUnitAttr());
}

void ArenaFormula::analyze() {
  resolveDims();
  Block &entry = main.front();
  for (BlockArgument argument : entry.getArguments())
    if (argument.getType().isIndex())
      samples[argument] = IntegerAttr::get(argument.getType(), sampleSize);
  for (Operation &op : entry)
    if (followsFromInputs(&op) && llvm::all_of(op.getOperands(), [&](Value v) { return samples.contains(v); })) {
      for (OpResult result : op.getResults())
        samples[result] = sampleOf(&op, result.getResultNumber());
      inferBounds(&op);
    }
}

bool ArenaFormula::isPlannable(AllocateOp op) const {
  return isa<func::FuncOp>(op->getParentOp()) &&
         llvm::all_of(op.getSizes(), [&](Value v) { return samples.contains(v); });
}

/// The bytes of a buffer whose dynamic sizes `sizeOf` gives.
static int64_t countBytes(AllocateOp op, llvm::function_ref<int64_t(Value)> sizeOf) {
  double total = std::max<unsigned>(1, op.getType().getElementTypeBitWidth() / 8);
  for (int64_t size : op.getType().getShape())
    total *= ShapedType::isDynamic(size) ? 1.0 : double(size);
  for (Value size : op.getSizes())
    total *= double(std::max<int64_t>(sizeOf(size), 0));
  return int64_t(llvm::alignTo(uint64_t(std::clamp(total, 1.0, double(kMostBytes))), kArenaAlignment));
}

int64_t ArenaFormula::sampleOf(Value size) const {
  auto sample = dyn_cast_if_present<IntegerAttr>(samples.lookup(size));
  return sample ? sample.getInt() : sampleSize;
}

int64_t ArenaFormula::mostOf(Value size) const {
  auto range = bounds.find(size);
  return range == bounds.end() ? kMostBytes : std::min(range->second.smax().getSExtValue(), kMostBytes);
}

int64_t ArenaFormula::place(MutableArrayRef<ArenaBuffer> buffers, int64_t base) {
  if (buffers.empty())
    return base;
  // The run begins after its inputs.
  Operation *first = &*llvm::find_if_not(main.front(), [](Operation &op) { return isa<InputOp>(op); });
  OpBuilder builder(first);
  auto start = arith::ConstantIndexOp::create(builder, main.getLoc(), base);
  hoistSizes(buffers, start);
  builder.setInsertionPointAfter(start);
  emitBytes(buffers, builder);
  placeBuffers(buffers);
  SmallVector<ArenaBuffer *> byOffset = llvm::map_to_vector(buffers, [](ArenaBuffer &buffer) { return &buffer; });
  llvm::stable_sort(byOffset, [](ArenaBuffer *a, ArenaBuffer *b) { return a->offset < b->offset; });
  int64_t most = base;
  ReserveOp::create(builder, main.getLoc(), emitOffsets(byOffset, start, most, builder));
  for (ArenaBuffer &buffer : buffers) {
    auto op = buffer.value.getDefiningOp<AllocateOp>();
    OpBuilder at(op);
    buffer.value = PlaceOp::create(at, op.getLoc(), op.getType(), offsets[&buffer], bytes[&buffer], op.getSizes(),
                                   uint64_t(buffer.first), uint64_t(buffer.last));
    op.getBuffer().replaceAllUsesWith(buffer.value);
    op.erase();
  }
  // A bound that leaves room for no one else is of no use.
  return most <= mostReserved ? most : base;
}

/// Emits the bytes of each buffer, once for all that have the same sizes, and takes samples of them.
void ArenaFormula::emitBytes(MutableArrayRef<ArenaBuffer> buffers, OpBuilder &builder) {
  llvm::DenseMap<Type, SmallVector<BytesOp>> known;
  for (ArenaBuffer &buffer : buffers) {
    auto op = buffer.value.getDefiningOp<AllocateOp>();
    buffer.size = countBytes(op, [&](Value size) { return sampleOf(size); });
    mostBytes[&buffer] = countBytes(op, [&](Value size) { return mostOf(size); });
    SmallVector<BytesOp> &alike = known[op.getType()];
    BytesOp *same = llvm::find_if(alike, [&](BytesOp other) { return llvm::equal(other.getSizes(), op.getSizes()); });
    if (same == alike.end()) {
      alike.push_back(
          BytesOp::create(builder, op.getLoc(), builder.getIndexType(), op.getSizes(), TypeAttr::get(op.getType())));
      same = &alike.back();
    }
    bytes[&buffer] = same->getBytes();
  }
}

/// Moves what the sizes of the buffers are computed by in front of `marker`, and makes one of what is the same.
void ArenaFormula::hoistSizes(ArrayRef<ArenaBuffer> buffers, Operation *marker) {
  llvm::SmallPtrSet<Operation *, 32> needed;
  SmallVector<Operation *> pending;
  auto need = [&](Operation *user) {
    for (Value operand : user->getOperands())
      if (Operation *op = operand.getDefiningOp(); op && needed.insert(op).second)
        pending.push_back(op);
  };
  for (const ArenaBuffer &buffer : buffers)
    need(buffer.value.getDefiningOp());
  while (!pending.empty())
    need(pending.pop_back_val());

  llvm::StringMap<Value> dims;
  llvm::DenseMap<size_t, SmallVector<Operation *>> seen;
  bool isBehind = false;
  for (Operation &op : llvm::make_early_inc_range(main.front())) {
    isBehind |= &op == marker;
    if (!needed.contains(&op))
      continue;
    if (isBehind)
      op.moveBefore(marker);
    // The runtime has checked that equal symbols have equal sizes.
    if (StringRef symbol = symbolOf(&op); !symbol.empty()) {
      auto [known, isNew] = dims.try_emplace(symbol, op.getResult(0));
      if (!isNew)
        op.replaceAllUsesWith(ValueRange(known->second));
      continue;
    }
    auto hash = size_t(OperationEquivalence::computeHash(&op, OperationEquivalence::directHashValue,
                                                         OperationEquivalence::ignoreHashValue,
                                                         OperationEquivalence::IgnoreLocations));
    SmallVector<Operation *> &alike = seen[hash];
    Operation **same = llvm::find_if(alike, [&](Operation *other) {
      return OperationEquivalence::isEquivalentTo(other, &op, OperationEquivalence::IgnoreLocations);
    });
    if (same != alike.end())
      op.replaceAllUsesWith(*same);
    else
      alike.push_back(&op);
  }
}

/// Emits the offset of each buffer and returns the arena's size. Of what lies below a buffer only that counts on which
/// nothing lies that is below the buffer too. Raises `most` to what the size is at the most.
Value ArenaFormula::emitOffsets(ArrayRef<ArenaBuffer *> byOffset, Value start, int64_t &most, OpBuilder &builder) {
  Location loc = main.getLoc();
  size_t count = byOffset.size();
  std::vector<llvm::BitVector> below(count); // all that is certain to lie below
  llvm::BitVector isTop(count, true);
  SmallVector<Value> ends(count);
  SmallVector<int64_t> mostEnds(count, most);
  auto highest = [&](Value a, Value b) -> Value { return a ? arith::MaxSIOp::create(builder, loc, a, b) : b; };
  for (size_t i = 0; i < count; ++i) {
    const ArenaBuffer &buffer = *byOffset[i];
    below[i].resize(unsigned(count));
    SmallVector<size_t> candidates;
    for (size_t j = 0; j < i; ++j)
      if (buffer.overlapsInTime(*byOffset[j]))
        candidates.push_back(j);
    llvm::stable_sort(candidates, [&](size_t a, size_t b) { return byOffset[a]->offset > byOffset[b]->offset; });
    Value offset;
    for (size_t j : candidates) {
      if (below[i].test(unsigned(j)))
        continue;
      below[i] |= below[j];
      below[i].set(unsigned(j));
      isTop.reset(unsigned(j));
      offset = highest(offset, ends[j]);
      mostEnds[i] = std::max(mostEnds[i], mostEnds[j]);
    }
    mostEnds[i] = std::min(mostEnds[i] + mostBytes[&buffer], kMostBytes);
    offsets[&buffer] = offset ? offset : start;
    ends[i] = arith::AddIOp::create(builder, loc, offsets[&buffer], bytes[&buffer]);
  }
  most = *llvm::max_element(mostEnds);
  Value total;
  for (unsigned i : isTop.set_bits())
    total = highest(total, ends[i]);
  return total;
}

} // namespace fsc
