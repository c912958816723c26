//===- LowerRoutine.cpp - Calls of the runtime's routines -----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The structs of a call are an array of words on the stack: the call, its operands, its results, and the
// sizes of both. Attributes are one constant, in which everything has an offset.
//
//===----------------------------------------------------------------------===//

#include "passes/lowering/LowerRoutine.h"

#include "dialects/fsc/ops/Host.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "runtime/abi/Artifact.h"

using namespace mlir;

namespace fsc {

static constexpr int64_t callWords = sizeof(fsc_abi_call) / 8, argumentWords = sizeof(fsc_abi_argument) / 8;
static_assert(offsetof(fsc_abi_argument, data) == 0 && offsetof(fsc_abi_argument, dims) == 8 &&
              offsetof(fsc_abi_argument, dtype) == 16 && offsetof(fsc_abi_argument, rank) == 20 &&
              offsetof(fsc_abi_argument, output) == 24);

namespace {

/// Lays out a table of attributes.
class AttributeTable {
public:
  explicit AttributeTable(DictionaryAttr attributes) : bytes(attributes.size() * sizeof(fsc_abi_attribute), '\0') {
    for (auto [index, attribute] : llvm::enumerate(attributes)) {
      fsc_abi_attribute entry{};
      entry.name = append((attribute.getName().getValue() + Twine('\0')).str());
      add(attribute.getValue(), entry);
      std::memcpy(bytes.data() + index * sizeof entry, &entry, sizeof entry);
    }
  }

  std::string take() { return std::move(bytes); }

private:
  int64_t append(StringRef data) {
    // Every value is aligned.
    bytes.resize(llvm::alignTo(bytes.size(), 8));
    int64_t place = bytes.size();
    bytes += data;
    return place;
  }

  template <typename T> void addNumbers(fsc_abi_attribute &entry, int64_t kind, ArrayRef<T> values) {
    entry.kind = kind;
    entry.count = values.size();
    entry.values = append(StringRef(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)));
  }

  void addStrings(fsc_abi_attribute &entry, ArrayRef<StringRef> strings) {
    SmallVector<int64_t> pairs;
    for (StringRef string : strings) {
      pairs.push_back(append(string));
      pairs.push_back(string.size());
    }
    addNumbers<int64_t>(entry, FSC_ABI_STRINGS, pairs);
    entry.count = strings.size();
  }

  void add(Attribute value, fsc_abi_attribute &entry) {
    if (auto integer = dyn_cast<IntegerAttr>(value))
      return addNumbers<int64_t>(entry, FSC_ABI_INTS, integer.getInt());
    if (auto real = dyn_cast<FloatAttr>(value))
      return addNumbers<double>(entry, FSC_ABI_FLOATS, real.getValueAsDouble());
    if (auto string = dyn_cast<StringAttr>(value))
      return addStrings(entry, string.getValue());
    if (auto integers = dyn_cast<DenseI64ArrayAttr>(value))
      return addNumbers<int64_t>(entry, FSC_ABI_INTS, integers.asArrayRef());
    if (auto reals = dyn_cast<DenseF32ArrayAttr>(value))
      return addNumbers<double>(entry, FSC_ABI_FLOATS,
                                SmallVector<double>(reals.asArrayRef().begin(), reals.asArrayRef().end()));
    if (auto strings = dyn_cast<ArrayAttr>(value))
      return addStrings(entry,
                        llvm::map_to_vector(strings.getAsValueRange<StringAttr>(), [](StringRef s) { return s; }));
    if (auto strings = dyn_cast<DenseStringElementsAttr>(value))
      return addStrings(entry, llvm::to_vector(strings.getValues<StringRef>()));
    auto elements = dyn_cast<ElementsAttr>(value);
    if (auto integers = elements ? readIntegers(elements) : std::nullopt)
      return addNumbers<int64_t>(entry, FSC_ABI_INTS, *integers);
    if (auto reals = elements ? readFloats(elements) : std::nullopt)
      return addNumbers<double>(entry, FSC_ABI_FLOATS, *reals);
  }

  std::string bytes;
};

} // namespace

std::string describeNode(Location location, StringRef otherwise) {
  StringRef name;
  location->walk([&](Location part) {
    auto named = dyn_cast<NameLoc>(part);
    if (named)
      name = named.getName().getValue();
    return named ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (name.empty())
    return otherwise.str();
  auto [node, rest] = name.rsplit(" (");
  return ("node '" + node + (rest.empty() ? "'" : "' (" + rest.str())).str();
}

std::string layOutAttributes(DictionaryAttr attributes) { return AttributeTable(attributes).take(); }

RoutineCall::RoutineCall(OpBuilder &builder, CallRoutineOp op, Value context, Block &entry)
    : builder(builder), op(op), runtime(builder, op.getLoc(), context) {
  int64_t count = callWords + argumentWords * int64_t(op.getPlaces().size() + op.getWanted().size());
  for (Value buffer : llvm::concat<Value>(SmallVector<Value>(op->getOperands()), SmallVector<Value>(op->getResults())))
    count += cast<MemRefType>(buffer.getType()).getRank();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&entry);
  words = LLVM::AllocaOp::create(builder, op.getLoc(), LLVM::LLVMPointerType::get(builder.getContext()),
                                 builder.getI64Type(), runtime.constant(count));
}

Value RoutineCall::find() { return runtime.routine(op.getRoutine()); }

std::string RoutineCall::notFound() {
  return describeNode(op.getLoc(), op.getRoutine()) + ": this runtime has no routine '" + op.getRoutine().str() +
         "': a newer one is needed";
}

void RoutineCall::store(int64_t word, Value value) {
  if (value.getType().isIndex())
    value = arith::IndexCastOp::create(builder, op.getLoc(), builder.getI64Type(), value);
  LLVM::StoreOp::create(builder, op.getLoc(), value, address(word));
}

void RoutineCall::storeArgument(int64_t word, Value data, int64_t dims, int32_t dtype, int64_t rank, int64_t output) {
  store(word, data);
  store(word + 1, address(dims));
  store(word + 2, runtime.constant(dtype | rank << 32));
  store(word + 3, runtime.constant(output));
}

Value RoutineCall::call(Value routine, ArrayRef<std::pair<Value, SmallVector<Value>>> inputs) {
  int64_t inputWords = callWords, firstResult = inputWords + argumentWords * int64_t(op.getPlaces().size());
  int64_t dims = firstResult + argumentWords * int64_t(op.getWanted().size());
  Value null = LLVM::ZeroOp::create(builder, op.getLoc(), LLVM::LLVMPointerType::get(builder.getContext()));
  const auto *next = inputs.begin();
  for (auto [place, dtype] : llvm::enumerate(op.getPlaces())) {
    int64_t word = inputWords + argumentWords * int64_t(place), rank = dtype ? int64_t(next->second.size()) : 0;
    storeArgument(word, dtype ? next->first : null, dims, dtype, rank, -1);
    if (!dtype)
      continue;
    for (Value size : next->second)
      store(dims++, size);
    ++next;
  }
  unsigned buffer = 0;
  for (auto [index, dtype] : llvm::enumerate(op.getWanted())) {
    int64_t word = firstResult + argumentWords * int64_t(index);
    auto type = dtype ? cast<MemRefType>(op.getResult(buffer++).getType()) : MemRefType();
    storeArgument(word, null, dims, dtype, type ? type.getRank() : 0, op.getOutputs()[index]);
    if (!type)
      continue;
    resultWords.push_back(word);
    resultDims.push_back(dims);
    for (int64_t size : type.getShape())
      store(dims++, runtime.constant(ShapedType::isDynamic(size) ? FSC_ABI_DYNAMIC : size));
  }
  store(offsetof(fsc_abi_call, node) / 8, runtime.text(describeNode(op.getLoc(), op.getRoutine())));
  store(offsetof(fsc_abi_call, input_count) / 8, runtime.constant(op.getPlaces().size()));
  store(offsetof(fsc_abi_call, inputs) / 8, address(inputWords));
  store(offsetof(fsc_abi_call, result_count) / 8, runtime.constant(op.getWanted().size()));
  store(offsetof(fsc_abi_call, results) / 8, address(firstResult));
  store(offsetof(fsc_abi_call, attribute_count) / 8, runtime.constant(op.getSettings().size()));
  store(offsetof(fsc_abi_call, attributes) / 8, runtime.bytes(layOutAttributes(op.getSettings())));
  store(offsetof(fsc_abi_call, routine) / 8, runtime.text(op.getRoutine()));
  return runtime.callRoutine(routine, words);
}

std::pair<Value, SmallVector<Value>> RoutineCall::result(unsigned index) {
  auto type = cast<MemRefType>(op.getResult(index).getType());
  Value data = runtime.load(address(resultWords[index]), 0, LLVM::LLVMPointerType::get(builder.getContext()));
  SmallVector<Value> sizes;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.isDynamicDim(axis))
      sizes.push_back(
          arith::IndexCastOp::create(builder, op.getLoc(), builder.getIndexType(),
                                     runtime.load(address(resultDims[index] + axis), 0, builder.getI64Type())));
  return {data, sizes};
}

} // namespace fsc
