//===- FscDialect.cpp - The fsc dialect -----------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/FscDialect.h"

#include "dialects/fsc/OpFamily.h"
#include "dialects/fsc/ops/Kernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "dialects/fsc/FscDialect.cpp.inc"
#include "dialects/fsc/FscEnums.cpp.inc"
#include "dialects/fsc/FscInterfaces.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/fsc/FscAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/fsc/FscTypes.cpp.inc"

namespace fsc {

#define FSC_FAMILY(NAME) extern const OpFamily NAME;
namespace families {
#include "dialects/fsc/ops/Families.inc"
} // namespace families
#undef FSC_FAMILY

ArrayRef<const OpFamily *> opFamilies() {
#define FSC_FAMILY(NAME) &families::NAME,
  static const OpFamily *const all[] = {
#include "dialects/fsc/ops/Families.inc"
  };
#undef FSC_FAMILY
  return all;
}

void FscDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/fsc/FscAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/fsc/FscTypes.cpp.inc"
      >();
  for (const OpFamily *family : opFamilies())
    family->registerOps(*this);
}

Operation *FscDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  if (auto elements = dyn_cast<ElementsAttr>(value); elements && elements.getType() == type)
    return ConstantOp::create(builder, loc, type, cast<TypedAttr>(value));
  return nullptr;
}

Type typeOfOnnxElement(MLIRContext *context, int64_t code) {
  Builder b(context);
  switch (code) {
  case 1:
    return b.getF32Type();
  case 2:
    return b.getIntegerType(8, false);
  case 3:
    return b.getI8Type();
  case 4:
    return b.getIntegerType(16, false);
  case 5:
    return b.getI16Type();
  case 6:
    return b.getI32Type();
  case 7:
    return b.getI64Type();
  case 8:
    return StringType::get(context);
  case 9:
    return b.getI1Type();
  case 10:
    return b.getF16Type();
  case 11:
    return b.getF64Type();
  case 12:
    return b.getIntegerType(32, false);
  case 13:
    return b.getIntegerType(64, false);
  case 14:
    return ComplexType::get(b.getF32Type());
  case 15:
    return ComplexType::get(b.getF64Type());
  case 16:
    return b.getBF16Type();
  case 17:
    return b.getType<Float8E4M3FNType>();
  case 18:
    return b.getType<Float8E4M3FNUZType>();
  case 19:
    return b.getType<Float8E5M2Type>();
  case 20:
    return b.getType<Float8E5M2FNUZType>();
  case 21:
    return b.getIntegerType(4, false);
  case 22:
    return b.getIntegerType(4);
  case 23:
    return b.getType<Float4E2M1FNType>();
  case 24:
    return b.getType<Float8E8M0FNUType>();
  case 25:
    return b.getIntegerType(2, false);
  case 26:
    return b.getIntegerType(2);
  case 27:
    return b.getType<Float6E2M3FNType>();
  case 28:
    return b.getType<Float6E3M2FNType>();
  default:
    return {};
  }
}

int64_t onnxElementOfType(Type type) {
  constexpr int64_t lastCode = 28;
  for (int64_t code = 1; code <= lastCode; ++code)
    if (typeOfOnnxElement(type.getContext(), code) == type)
      return code;
  return 0;
}

bool isSupportedElementType(Type type) { return onnxElementOfType(type) != 0 || isListType(type); }

ElementsAttr getConstant(Value value) {
  ElementsAttr elements;
  if (value && matchPattern(value, m_Constant(&elements)))
    return elements;
  return {};
}

namespace {

/// The bytes of a constant, and whether they are one element that stands for all.
std::optional<std::pair<ArrayRef<char>, bool>> rawData(ElementsAttr elements) {
  if (auto dense = dyn_cast<DenseElementsAttr>(elements)) {
    // Splat bools are stored as one bit in older forms; the integer iterator is used for i1 instead.
    return std::pair(dense.getRawData(), dense.isSplat());
  }
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      return std::pair(blob->getData(), false);
  return std::nullopt;
}

template <typename T> T readElement(const char *data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

int64_t readInteger(const char *data, IntegerType type) {
  if (isNarrowType(type)) {
    APInt bits(type.getWidth(), readElement<uint8_t>(data), /*isSigned=*/false, /*implicitTrunc=*/true);
    return type.isUnsigned() ? int64_t(bits.getZExtValue()) : bits.getSExtValue();
  }
  switch (type.getWidth()) {
  case 1:
    return *data != 0;
  case 8:
    return type.isUnsigned() ? int64_t(readElement<uint8_t>(data)) : readElement<int8_t>(data);
  case 16:
    return type.isUnsigned() ? int64_t(readElement<uint16_t>(data)) : readElement<int16_t>(data);
  case 32:
    return type.isUnsigned() ? int64_t(readElement<uint32_t>(data)) : readElement<int32_t>(data);
  default:
    return readElement<int64_t>(data);
  }
}

} // namespace

std::optional<SmallVector<int64_t>> readIntegers(ElementsAttr elements) {
  auto type = dyn_cast<IntegerType>(elements.getElementType());
  if (!type)
    return std::nullopt;
  int64_t count = elements.getNumElements();
  SmallVector<int64_t> result;
  if (auto dense = dyn_cast<DenseElementsAttr>(elements); dense && type.getWidth() == 1) {
    for (bool value : dense.getValues<bool>())
      result.push_back(value);
    return result;
  }
  auto data = rawData(elements);
  size_t width = storageBytes(type);
  if (!data || data->first.size() < (data->second ? 1 : count) * width)
    return std::nullopt;
  for (int64_t i = 0; i < count; ++i)
    result.push_back(readInteger(data->first.data() + (data->second ? 0 : i * width), type));
  return result;
}

std::optional<SmallVector<double>> readFloats(ElementsAttr elements) {
  auto type = dyn_cast<FloatType>(elements.getElementType());
  if (!type)
    return std::nullopt;
  int64_t count = elements.getNumElements();
  size_t width = storageBytes(type);
  auto data = rawData(elements);
  if (!data || data->first.size() < (data->second ? 1 : count) * width)
    return std::nullopt;
  SmallVector<double> result;
  for (int64_t i = 0; i < count; ++i) {
    const char *at = data->first.data() + (data->second ? 0 : i * width);
    uint64_t bits = 0;
    std::memcpy(&bits, at, width);
    APFloat value(type.getFloatSemantics(), APInt(unsigned(8 * width), bits).trunc(type.getWidth()));
    bool lost = false;
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
    result.push_back(value.convertToDouble());
  }
  return result;
}

std::optional<SmallVector<uint8_t>> readNarrow(ElementsAttr elements) {
  auto data = rawData(elements);
  size_t count = elements.getNumElements();
  if (!isNarrowType(elements.getElementType()) || !data || data->first.size() < (data->second ? 1 : count))
    return std::nullopt;
  SmallVector<uint8_t> result;
  for (size_t i = 0; i < count; ++i)
    result.push_back(uint8_t(data->first[data->second ? 0 : i]));
  return result;
}

LogicalResult refineResultTypes(Operation *op, TypeRange known) {
  auto interface = cast<FscOpInterface>(op);
  ShapeBuilder shapes(op->getLoc());
  SmallVector<Shape> inferred;
  if (failed(detail::verifyLists(op)) || failed(interface.inferShapes(shapes, inferred)))
    return failure();
  for (auto [index, shape] : llvm::enumerate(inferred)) {
    Type elementType = interface.inferElementType(index);
    if (index < known.size()) {
      auto type = dyn_cast_or_null<RankedTensorType>(known[index]);
      if (type && type.getRank() == int64_t(shape.size()))
        for (auto [dim, size] : llvm::zip(shape, type.getShape()))
          if (!dim.isKnown() && !ShapedType::isDynamic(size))
            dim = Dim(size);
    }
    op->getResult(index).setType(tensorType(shape, elementType));
  }
  return detail::verifyNarrowTypes(op, op->getResultTypes());
}

bool isRoutine(Operation *op) {
  auto interface = dyn_cast<FscOpInterface>(op);
  return interface && !interface.getRoutine().empty();
}

} // namespace fsc

namespace fsc::detail {

void addDrawEffects(Operation *op, SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  for (OpResult result : op->getResults())
    effects.emplace_back(MemoryEffects::Allocate::get(), result);
}

LogicalResult verifyInferred(Operation *op) {
  auto interface = cast<FscOpInterface>(op);
  ShapeBuilder shapes(op->getLoc());
  SmallVector<Shape> inferred;
  if (failed(verifyLists(op)) || failed(interface.inferShapes(shapes, inferred)))
    return failure();
  for (auto [index, shape] : llvm::enumerate(inferred)) {
    RankedTensorType expected = tensorType(shape, interface.inferElementType(index));
    Type found = op->getResult(index).getType();
    auto ranked = dyn_cast<RankedTensorType>(found);
    if (!ranked || !joinElementTypes(ranked.getElementType(), expected.getElementType()) ||
        failed(verifyCompatibleShape(ranked, expected)))
      return op->emitOpError() << "expected result " << index << " of type " << expected << ", got " << found;
  }
  return verifyNarrowTypes(op, op->getResultTypes());
}

double countElements(Value tensor) {
  double count = 1;
  if (auto type = dyn_cast<ShapedType>(tensor.getType()))
    for (int64_t size : type.getShape())
      count *= ShapedType::isDynamic(size) ? 1 : double(size);
  return count;
}

SmallVector<Type> operandElementTypes(Operation *op) {
  return llvm::map_to_vector(op->getOperandTypes(), [](Type type) { return getElementTypeOrSelf(type); });
}

StringRef castRoutine(Operation *op) {
  bool strings = isa<StringType>(getElementTypeOrSelf(op->getOperand(0))) ||
                 isa<StringType>(getElementTypeOrSelf(op->getResult(0)));
  return strings ? "Cast" : StringRef();
}

LogicalResult inferElementwise(Operation *op, ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  if (op->getNumOperands() == 0)
    return op->emitOpError("expected at least one operand");
  Shape shape = shapes.dims(op->getOperand(0));
  for (Value operand : op->getOperands().drop_front()) {
    FailureOr<Shape> wider = shapes.broadcast(shape, shapes.dims(operand));
    if (failed(wider))
      return op->emitOpError() << "expected operands whose shapes broadcast, got " << op->getOperandTypes();
    shape = *wider;
  }
  results.push_back(shape);
  return success();
}

std::optional<Shape> inferElementwiseContent(Operation *op, ShapeBuilder &shapes,
                                             llvm::function_ref<Dim(ArrayRef<Dim>)> element) {
  // A number may not be the same in a narrower type; a bool is 0 or 1.
  auto integer = dyn_cast<IntegerType>(getElementTypeOrSelf(op->getResult(0).getType()));
  if (integer && integer.getWidth() != 1 && integer.getWidth() < 32)
    return std::nullopt;
  SmallVector<Shape> operands;
  size_t size = 1;
  for (Value operand : op->getOperands()) {
    std::optional<Shape> content = shapes.content(operand);
    if (!content)
      return std::nullopt;
    size = std::max(size, content->size());
    operands.push_back(*content);
  }
  Shape result;
  for (size_t i = 0; i < size; ++i) {
    SmallVector<Dim> args;
    for (const Shape &operand : operands) {
      if (operand.size() != 1 && operand.size() != size)
        return std::nullopt;
      args.push_back(operand[operand.size() == 1 ? 0 : i]);
    }
    result.push_back(element(args));
  }
  return result;
}

std::optional<AffineMap> broadcastMap(RankedTensorType operand, RankedTensorType result) {
  MLIRContext *context = operand.getContext();
  int64_t offset = result.getRank() - operand.getRank();
  SmallVector<AffineExpr> exprs;
  for (auto [axis, size] : llvm::enumerate(operand.getShape())) {
    int64_t resultSize = result.getDimSize(offset + axis);
    if (size == 1 && resultSize != 1)
      exprs.push_back(getAffineConstantExpr(0, context));
    else if (ShapedType::isDynamic(size))
      return std::nullopt;
    else
      exprs.push_back(getAffineDimExpr(offset + axis, context));
  }
  return AffineMap::get(result.getRank(), 0, exprs, context);
}

LogicalResult lowerElementwise(ElementwiseOpInterface op, LinalgBuilder &builder) {
  RankedTensorType resultType = builder.resultType(0);
  SmallVector<AffineMap> maps;
  SmallVector<Value> inputs;
  SmallVector<Type> types;
  bool dynamic = false;
  for (unsigned i = 0; i < builder.getNumOperands(); ++i) {
    RankedTensorType type = builder.operandType(i);
    // With one operand (or the same one twice) nothing is broadcast, whatever the sizes.
    bool same = llvm::all_equal(op->getOperands());
    std::optional<AffineMap> map =
        same ? builder.b.getMultiDimIdentityMap(type.getRank()) : broadcastMap(type, resultType);
    dynamic |= !map;
    maps.push_back(map.value_or(AffineMap()));
    inputs.push_back(builder.operand(i));
    types.push_back(type.getElementType());
  }
  if (!dynamic) {
    builder.setResult(0, builder.map(builder.destination(0), resultType.getElementType(), inputs, types, maps,
                                     [&](ArrayRef<Scalar> args) { return op.buildScalar(args); }));
    return success();
  }
  builder.setResult(0, builder.generate(0, [&](ArrayRef<Value> at) {
    SmallVector<Scalar> args;
    for (unsigned i = 0; i < builder.getNumOperands(); ++i)
      args.push_back(builder.loadBroadcast(i, at));
    return op.buildScalar(args);
  }));
  return success();
}

} // namespace fsc::detail
