//===- Tensors.cpp - ONNX types and tensors as MLIR's ---------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decides where the elements of a constant live. Every number in a TensorProto
// is checked against its other numbers before anything is allocated or read.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Tensors.h"

#include "compiler/Diagnostics.h"
#include "compiler/Limits.h"
#include "compiler/import/onnx/OnnxModel.h"
#include "dialects/fsc/FscDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "onnx/defs/data_type_utils.h"
#include "onnx/onnx_pb.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir;

namespace fsc {

/// Larger constants are resources.
static constexpr int64_t maxInlineElements = 64;

std::string nameOfOnnxElement(int64_t code) {
  if (code < INT32_MIN || code > INT32_MAX || !onnx::TensorProto::DataType_IsValid(int(code)))
    return "number " + std::to_string(code);
  // ONNX's types are spelled as in tensor(float16), its enum as in FLOAT16.
  return StringRef(onnx::TensorProto::DataType_Name(onnx::TensorProto::DataType(code))).lower();
}

std::string nameOfOnnxType(const onnx::TypeProto &type) {
  switch (type.value_case()) {
  case onnx::TypeProto::kTensorType:
    return "tensor(" + nameOfOnnxElement(type.tensor_type().elem_type()) + ")";
  case onnx::TypeProto::kSparseTensorType:
    return "sparse_tensor(" + nameOfOnnxElement(type.sparse_tensor_type().elem_type()) + ")";
  case onnx::TypeProto::kSequenceType:
    return "seq(" + nameOfOnnxType(type.sequence_type().elem_type()) + ")";
  case onnx::TypeProto::kOptionalType:
    return "optional(" + nameOfOnnxType(type.optional_type().elem_type()) + ")";
  case onnx::TypeProto::kMapType:
    return "map(" + nameOfOnnxElement(type.map_type().key_type()) + ", " +
           nameOfOnnxType(type.map_type().value_type()) + ")";
  case onnx::TypeProto::kOpaqueType:
    return "opaque";
  case onnx::TypeProto::VALUE_NOT_SET:
    break;
  }
  return "no type";
}

static int64_t elementBytes(Type type) { return storageBytes(type); }

/// The bytes of `count` elements in a file.
static int64_t packedBytes(Type type, int64_t count) { return llvm::divideCeil(count * elementBits(type), 8); }

llvm::Expected<RankedTensorType> makeTensorType(ArrayRef<int64_t> shape, Type elementType) {
  if (int64_t(shape.size()) > maxRank)
    return codedError(Code::limit,
                      "expected a tensor of at most " + Twine(maxRank) + " dims, got " + Twine(shape.size()));
  int64_t bytes = elementBytes(elementType);
  // Zeros are left out, so that the size stays in range whatever a zero is replaced by.
  for (int64_t size : shape)
    if (size > 0 && (llvm::MulOverflow(bytes, size, bytes) || bytes > maxTensorBytes)) {
      std::string text;
      llvm::raw_string_ostream(text) << RankedTensorType::get(shape, elementType);
      return codedError(Code::limit, "expected a tensor of at most 64 TiB, got " + text);
    }
  return RankedTensorType::get(shape, elementType);
}

static llvm::Expected<Type> importElementType(MLIRContext *context, int64_t code) {
  if (Type type = typeOfOnnxElement(context, code))
    return type;
  return codedError(Code::unsupportedType, "element type " + nameOfOnnxElement(code) + " is not supported");
}

static llvm::Expected<Type> importListType(MLIRContext *context, const onnx::TypeProto &type, int depth);

/// What a list is of: a tensor of any rank where there is no shape.
static llvm::Expected<Type> importElementOfList(MLIRContext *context, const onnx::TypeProto &type, int depth) {
  if (!type.has_tensor_type()) {
    llvm::Expected<Type> list = importListType(context, type, depth);
    return list ? llvm::Expected<Type>(RankedTensorType::get({}, *list)) : list.takeError();
  }
  llvm::Expected<RankedTensorType> tensor = importType(context, type);
  if (!tensor)
    return tensor.takeError();
  if (*tensor)
    return *tensor;
  return UnrankedTensorType::get(typeOfOnnxElement(context, type.tensor_type().elem_type()));
}

/// The element type for a sequence, an optional or a map.
static llvm::Expected<Type> importListType(MLIRContext *context, const onnx::TypeProto &type, int depth = 0) {
  constexpr int maxDepth = 8;
  if (depth == maxDepth)
    return codedError(Code::limit, "expected lists in at most " + Twine(maxDepth) + " lists, got more");
  if (type.has_map_type()) {
    const onnx::TypeProto &value = type.map_type().value_type();
    llvm::Expected<Type> key = importElementType(context, type.map_type().key_type());
    llvm::Expected<Type> element = importElementType(context, value.tensor_type().elem_type());
    bool isScalar = value.has_tensor_type() && value.tensor_type().shape().dim_size() == 0;
    bool good = key && element && isScalar && isa<IntegerType, StringType>(*key);
    llvm::consumeError(key.takeError());
    llvm::consumeError(element.takeError());
    if (!good)
      return codedError(Code::unsupportedType,
                        "expected a map from integers or strings to single elements, got " + nameOfOnnxType(type));
    return MapType::get(context, *key, *element);
  }
  if (!type.has_sequence_type() && !type.has_optional_type())
    return codedError(Code::unsupportedType,
                      "expected a tensor, sequence, optional or map, got " + nameOfOnnxType(type));
  bool isSequence = type.has_sequence_type();
  llvm::Expected<Type> element = importElementOfList(
      context, isSequence ? type.sequence_type().elem_type() : type.optional_type().elem_type(), depth + 1);
  if (!element)
    return element.takeError();
  return isSequence ? Type(SequenceType::get(context, *element)) : Type(OptionalType::get(context, *element));
}

llvm::Expected<Type> importAnyType(MLIRContext *context, const onnx::TypeProto &type) {
  return importElementOfList(context, type, 0);
}

llvm::Expected<RankedTensorType> importType(MLIRContext *context, const onnx::TypeProto &type) {
  if (!type.has_tensor_type()) {
    llvm::Expected<Type> list = importListType(context, type);
    if (!list)
      return list.takeError();
    return RankedTensorType::get({}, *list);
  }
  llvm::Expected<Type> elementType = importElementType(context, type.tensor_type().elem_type());
  if (!elementType)
    return elementType.takeError();
  if (!type.tensor_type().has_shape())
    return RankedTensorType();
  SmallVector<int64_t> shape;
  for (const onnx::TensorShapeProto::Dimension &dim : type.tensor_type().shape().dim())
    shape.push_back(dim.has_dim_value() && dim.dim_value() >= 0 ? dim.dim_value() : ShapedType::kDynamic);
  return makeTensorType(shape, *elementType);
}

static void exportList(Type list, onnx::TypeProto &result);

/// What a list is of. ONNX has nothing to say that there is no element.
static void exportElementOfList(Type element, onnx::TypeProto &result) {
  if (auto tensor = dyn_cast<RankedTensorType>(element))
    return exportType(tensor, result);
  Type inner = getElementTypeOrSelf(element);
  if (isListType(inner))
    return exportList(inner, result);
  result.mutable_tensor_type()->set_elem_type(int32_t(onnxElementOfType(inner)));
}

static void exportList(Type list, onnx::TypeProto &result) {
  if (auto sequence = dyn_cast<SequenceType>(list)) {
    exportElementOfList(sequence.getElement(), *result.mutable_sequence_type()->mutable_elem_type());
  } else if (auto optional = dyn_cast<OptionalType>(list)) {
    exportElementOfList(optional.getElement(), *result.mutable_optional_type()->mutable_elem_type());
  } else {
    auto map = cast<MapType>(list);
    result.mutable_map_type()->set_key_type(int32_t(onnxElementOfType(map.getKey())));
    exportElementOfList(map.getValue(), *result.mutable_map_type()->mutable_value_type());
  }
}

std::string nameOfType(RankedTensorType type) {
  onnx::TypeProto proto;
  exportType(type, proto);
  return nameOfOnnxType(proto);
}

void exportType(RankedTensorType type, onnx::TypeProto &result) {
  if (isListType(type.getElementType()))
    return exportList(type.getElementType(), result);
  result.mutable_tensor_type()->set_elem_type(int32_t(onnxElementOfType(type.getElementType())));
  onnx::TensorShapeProto &shape = *result.mutable_tensor_type()->mutable_shape();
  for (int64_t size : type.getShape()) {
    onnx::TensorShapeProto::Dimension &dim = *shape.add_dim();
    if (!ShapedType::isDynamic(size))
      dim.set_dim_value(size);
  }
}

namespace {

/// The elements of a tensor: bytes that stay where they are, or bytes of our own.
struct Bytes {
  ArrayRef<char> elsewhere;
  bool persistent = false; // elsewhere lives as long as the model
  std::vector<char> own;
  bool isUnpacked = false; // elements of less than 8 bits have a byte each

  ArrayRef<char> data() const { return own.empty() ? elsewhere : ArrayRef<char>(own); }
};

} // namespace

/// Reads a typed field of a TensorProto whose values are wider than the elements or the same.
template <typename Element, typename Field>
static llvm::Expected<Bytes> readField(const Field &field, int64_t count, bool persistent) {
  if (field.size() != count)
    return llvm::createStringError("expected " + Twine(count) + " elements, got " + Twine(field.size()));
  using Value = std::remove_cvref_t<decltype(*field.begin())>;
  Bytes bytes;
  if constexpr (sizeof(Value) == sizeof(Element)) {
    bytes.elsewhere = ArrayRef<char>(reinterpret_cast<const char *>(field.data()), count * sizeof(Element));
    bytes.persistent = persistent;
  } else {
    bytes.own.resize(count * sizeof(Element));
    for (int64_t i = 0; i < count; ++i) {
      Element element = static_cast<Element>(field[int(i)]);
      std::memcpy(bytes.own.data() + i * sizeof(Element), &element, sizeof element);
    }
  }
  return bytes;
}

/// Elements of 6 bits have a number each there, unlike narrower ones.
static llvm::Expected<Bytes> readSixBits(const onnx::TensorProto &tensor, int64_t count) {
  llvm::Expected<Bytes> bytes = readField<int8_t>(tensor.int32_data(), count, false);
  if (!bytes)
    return bytes;
  for (char &element : bytes->own)
    element &= 0x3f;
  bytes->isUnpacked = true;
  return bytes;
}

/// Reads the typed field that ONNX has for the tensor's element type.
static llvm::Expected<Bytes> readTyped(const onnx::TensorProto &tensor, Type elementType, int64_t count,
                                       bool persistent) {
  switch (tensor.data_type()) {
  case onnx::TensorProto::FLOAT:
    return readField<float>(tensor.float_data(), count, persistent);
  case onnx::TensorProto::DOUBLE:
    return readField<double>(tensor.double_data(), count, persistent);
  case onnx::TensorProto::COMPLEX64:
    return readField<float>(tensor.float_data(), 2 * count, persistent);
  case onnx::TensorProto::COMPLEX128:
    return readField<double>(tensor.double_data(), 2 * count, persistent);
  case onnx::TensorProto::INT64:
    return readField<int64_t>(tensor.int64_data(), count, persistent);
  case onnx::TensorProto::UINT32:
    return readField<uint32_t>(tensor.uint64_data(), count, persistent);
  case onnx::TensorProto::UINT64:
    return readField<uint64_t>(tensor.uint64_data(), count, persistent);
  default:
    // Floats of 16 bits are here as their bits.
    if (elementBytes(elementType) == 4)
      return readField<int32_t>(tensor.int32_data(), count, persistent);
    if (elementBytes(elementType) == 2)
      return readField<int16_t>(tensor.int32_data(), count, persistent);
    if (elementBits(elementType) == 6)
      return readSixBits(tensor, count);
    // A byte each, of one element or of several.
    return readField<int8_t>(tensor.int32_data(), packedBytes(elementType, count), persistent);
  }
}

/// Elements of less than 8 bits are packed in the file, low bits first, those of 6 bits across bytes; here each has a
/// byte.
static Bytes unpack(ArrayRef<char> packed, unsigned bits, int64_t count) {
  Bytes bytes;
  bytes.own.resize(count);
  for (int64_t i = 0; i < count; ++i) {
    int64_t bit = i * bits, place = bit / 8, shift = bit % 8;
    unsigned value = uint8_t(packed[place]);
    if (shift + bits > 8)
      value |= unsigned(uint8_t(packed[place + 1])) << 8;
    bytes.own[i] = char(value >> shift & ((1u << bits) - 1));
  }
  return bytes;
}

static llvm::Expected<Bytes> readPacked(OnnxModel &model, const onnx::TensorProto &tensor, RankedTensorType type,
                                        bool persistent) {
  int64_t count = type.getNumElements();
  uint64_t size = packedBytes(type.getElementType(), count);
  if (tensor.has_segment())
    return codedError(Code::unsupportedForm, "tensors in segments are not supported");
  if (count == 0)
    return Bytes();
  llvm::Expected<std::optional<ArrayRef<char>>> mapped = model.mappedData(tensor, size);
  if (!mapped)
    return mapped.takeError();
  if (*mapped)
    return Bytes{**mapped, true, {}};
  if (!tensor.has_raw_data())
    return readTyped(tensor, type.getElementType(), count, persistent);
  if (tensor.raw_data().size() != size)
    return llvm::createStringError("expected " + Twine(size) + " bytes of data, got " +
                                   Twine(tensor.raw_data().size()));
  return Bytes{ArrayRef<char>(tensor.raw_data().data(), size), persistent, {}};
}

static llvm::Expected<Bytes> readBytes(OnnxModel &model, const onnx::TensorProto &tensor, RankedTensorType type,
                                       bool persistent) {
  llvm::Expected<Bytes> bytes = readPacked(model, tensor, type, persistent);
  unsigned bits = elementBits(type.getElementType());
  if (!bytes || bits >= 8)
    return bytes;
  if (bytes->isUnpacked)
    return bytes;
  return unpack(bytes->data(), bits, type.getNumElements());
}

static ElementsAttr makeElements(RankedTensorType type, Bytes bytes, StringRef name) {
  if (type.getElementType().isInteger(1)) {
    // Only 0 and 1 are bools to us, whatever the file holds.
    bytes.own = bytes.data().vec();
    for (char &value : bytes.own)
      value = value != 0;
    bytes.persistent = false;
    if (type.getNumElements() <= maxInlineElements) {
      SmallVector<bool> values(bytes.own.begin(), bytes.own.end());
      return DenseElementsAttr::get(type, values);
    }
  }
  if (type.getNumElements() == 0)
    return DenseElementsAttr::get(type, ArrayRef<Attribute>());
  if (type.getNumElements() <= maxInlineElements)
    return DenseElementsAttr::getFromRawBuffer(type, bytes.data());
  size_t align = elementBytes(type.getElementType());
  AsmResourceBlob blob;
  if (!bytes.persistent)
    blob = HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes.data(), align, /*dataIsMutable=*/false);
  else
    blob = UnmanagedAsmResourceBlob::allocateWithAlign(
        bytes.data(), reinterpret_cast<uintptr_t>(bytes.data().data()) % align == 0 ? align : 1);
  return DenseResourceElementsAttr::get(type, name.empty() ? "constant" : name, std::move(blob));
}

static llvm::Expected<RankedTensorType> typeOf(MLIRContext *context,
                                               const google::protobuf::RepeatedField<int64_t> &dims, int64_t code) {
  llvm::Expected<Type> elementType = importElementType(context, code);
  if (!elementType)
    return elementType.takeError();
  for (int64_t size : dims)
    if (size < 0)
      return llvm::createStringError("expected sizes of at least 0, got " + Twine(size));
  return makeTensorType(ArrayRef<int64_t>(dims.data(), dims.size()), *elementType);
}

/// A tensor of strings; they are copied.
static llvm::Expected<ElementsAttr> importStrings(const onnx::TensorProto &tensor, RankedTensorType type) {
  if (tensor.has_segment() || tensor.has_raw_data() || tensor.data_location() == onnx::TensorProto::EXTERNAL)
    return llvm::createStringError("expected strings in string_data");
  if (type.getNumElements() != tensor.string_data_size())
    return llvm::createStringError("expected " + Twine(type.getNumElements()) + " elements, got " +
                                   Twine(tensor.string_data_size()));
  SmallVector<StringRef> strings(tensor.string_data().begin(), tensor.string_data().end());
  return DenseStringElementsAttr::get(type, strings);
}

llvm::Expected<ElementsAttr> importTensor(MLIRContext *context, OnnxModel &model, const onnx::TensorProto &tensor,
                                          bool persistent) {
  llvm::Expected<RankedTensorType> type = typeOf(context, tensor.dims(), tensor.data_type());
  if (!type)
    return type.takeError();
  if (isa<StringType>(type->getElementType()))
    return importStrings(tensor, *type);
  llvm::Expected<Bytes> bytes = readBytes(model, tensor, *type, persistent);
  if (!bytes)
    return bytes.takeError();
  return makeElements(*type, std::move(*bytes), tensor.name());
}

/// Where element `index` of the list of `rank` or fewer numbers `at` is in a row-major tensor; nothing if outside.
static std::optional<int64_t> flatIndex(ArrayRef<int64_t> at, ArrayRef<int64_t> shape, int64_t count) {
  if (at.size() == 1 && shape.size() != 1)
    return at[0] >= 0 && at[0] < count ? std::optional(at[0]) : std::nullopt;
  int64_t result = 0;
  for (auto [index, size] : llvm::zip_equal(at, shape)) {
    if (index < 0 || index >= size)
      return std::nullopt;
    result = result * size + index;
  }
  return result;
}

llvm::Expected<ElementsAttr> importSparseTensor(MLIRContext *context, OnnxModel &model,
                                                const onnx::SparseTensorProto &tensor) {
  llvm::Expected<RankedTensorType> type = typeOf(context, tensor.dims(), tensor.values().data_type());
  if (!type)
    return type.takeError();
  if (isa<StringType>(type->getElementType()))
    return codedError(Code::unsupportedType, "sparse tensors of strings are not supported");
  int64_t count = type->getNumElements();
  int64_t width = elementBytes(type->getElementType());
  if (llvm::Error error = model.takeDense(count * width))
    return std::move(error);
  llvm::Expected<RankedTensorType> valuesType = typeOf(context, tensor.values().dims(), tensor.values().data_type());
  if (!valuesType)
    return valuesType.takeError();
  llvm::Expected<RankedTensorType> indicesType = typeOf(context, tensor.indices().dims(), tensor.indices().data_type());
  if (!indicesType)
    return indicesType.takeError();
  int64_t numValues = valuesType->getNumElements(), rank = type->getRank();
  bool flat = indicesType->getRank() == 1;
  if (!indicesType->getElementType().isInteger(64) || valuesType->getRank() != 1 ||
      (flat ? indicesType->getDimSize(0) != numValues : indicesType->getShape() != ArrayRef<int64_t>{numValues, rank}))
    return llvm::createStringError("sparse tensor: expected int64 indices of shape [" + Twine(numValues) + "] or [" +
                                   Twine(numValues) + ", " + Twine(rank) + "]");
  llvm::Expected<Bytes> values = readBytes(model, tensor.values(), *valuesType, false);
  if (!values)
    return values.takeError();
  llvm::Expected<Bytes> indices = readBytes(model, tensor.indices(), *indicesType, false);
  if (!indices)
    return indices.takeError();

  Bytes dense;
  dense.own.resize(size_t(count) * width);
  int64_t perValue = flat ? 1 : rank;
  SmallVector<int64_t> at(perValue);
  for (int64_t i = 0; i < numValues; ++i) {
    std::memcpy(at.data(), indices->data().data() + i * perValue * sizeof(int64_t), perValue * sizeof(int64_t));
    std::optional<int64_t> place = flatIndex(at, type->getShape(), count);
    if (!place)
      return llvm::createStringError("sparse tensor: expected indices inside of its shape");
    std::memcpy(dense.own.data() + *place * width, values->data().data() + i * width, width);
  }
  return makeElements(*type, std::move(dense), tensor.values().name());
}

bool exportTensor(ElementsAttr elements, onnx::TensorProto &result) {
  constexpr int64_t maxElements = 1024;
  auto type = cast<RankedTensorType>(elements.getType());
  if (type.getNumElements() > maxElements || isNarrowType(type.getElementType()))
    return false;
  for (int64_t size : type.getShape())
    result.add_dims(size);
  result.set_data_type(int32_t(onnxElementOfType(type.getElementType())));
  if (auto integers = readIntegers(elements)) {
    if (result.data_type() == onnx::TensorProto::INT64)
      result.mutable_int64_data()->Add(integers->begin(), integers->end());
    else if (result.data_type() == onnx::TensorProto::UINT64 || result.data_type() == onnx::TensorProto::UINT32)
      result.mutable_uint64_data()->Add(integers->begin(), integers->end());
    else
      for (int64_t value : *integers)
        result.add_int32_data(int32_t(value));
    return true;
  }
  auto floats = readFloats(elements);
  if (!floats)
    return false;
  if (result.data_type() == onnx::TensorProto::FLOAT)
    result.mutable_float_data()->Add(floats->begin(), floats->end());
  else if (result.data_type() == onnx::TensorProto::DOUBLE)
    result.mutable_double_data()->Add(floats->begin(), floats->end());
  else
    return false;
  return true;
}

} // namespace fsc
