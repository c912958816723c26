//===- Lists.cpp - Sequences, optionals and maps --------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Refuses to take an element out of a list of which no rank is known: types have one. Positions are
// checked by the routines; what is known of a sequence's elements costs no routine.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Lists.h"
#include "dialects/fsc/ops/Kernel.h"
#include "dialects/fsc/ops/Movement.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace fsc {

namespace {

Type elementOf(Value value) { return cast<RankedTensorType>(value.getType()).getElementType(); }

/// What a sequence or optional is of; null for other types.
Type listElement(Value list) {
  if (auto sequence = dyn_cast<SequenceType>(elementOf(list)))
    return sequence.getElement();
  if (auto optional = dyn_cast<OptionalType>(elementOf(list)))
    return optional.getElement();
  return {};
}

/// lists.C1: the operand is a sequence.
LogicalResult checkSequence(Operation *op, Value list) {
  if (!isa<SequenceType>(elementOf(list)))
    return op->emitOpError() << "expected a sequence, got " << list.getType();
  return success();
}

/// lists.C2: a position is one int32 or int64.
LogicalResult checkPosition(Operation *op, Value position) {
  if (position && !isOneElement(position.getType(), 64) && !isOneElement(position.getType(), 32))
    return op->emitOpError() << "expected a position of one int32 or int64, got " << position.getType();
  return success();
}

/// The type of a tensor, or element type of a list, that has an element in it.
SequenceType sequenceOf(Value element) { return SequenceType::get(element.getContext(), element.getType()); }

/// lists.C3: it is known which rank the elements have.
LogicalResult checkRank(Operation *op, Type element) {
  if (isa<RankedTensorType>(element) || isListType(element))
    return success();
  return op->emitOpError("expected a list whose elements have a known rank, got ")
         << (isa<UnrankedTensorType>(element) ? "one whose elements may have any" : "one that is empty");
}

/// The shape of an element, its sizes unknown where they are not numbers.
Shape elementShape(ShapeBuilder &shapes, Type element) {
  Shape result;
  if (auto tensor = dyn_cast<RankedTensorType>(element))
    for (int64_t size : tensor.getShape())
      result.push_back(ShapedType::isDynamic(size) ? Dim::unknown(shapes) : Dim(size));
  return result;
}

} // namespace

//===----------------------------------------------------------------------===//
// Sequences
//===----------------------------------------------------------------------===//

LogicalResult SequenceEmptyOp::inferShapes(ShapeBuilder &, SmallVectorImpl<Shape> &results) {
  // sequence_empty.C1: the element type is one that there is.
  if (!typeOfOnnxElement(getContext(), int64_t(getDtype())))
    return emitOpError() << "expected the number of an element type, got " << int64_t(getDtype());
  results.push_back({});
  return success();
}

Type SequenceEmptyOp::inferElementType(unsigned) {
  return SequenceType::get(getContext(), typeOfOnnxElement(getContext(), int64_t(getDtype())));
}

LogicalResult SequenceConstructOp::inferShapes(ShapeBuilder &, SmallVectorImpl<Shape> &results) {
  // sequence_construct.C1: there is an operand, and all are of one type.
  if (getInputs().empty())
    return emitOpError("expected at least one operand");
  for (Value input : getInputs())
    if (!joinElementTypes(sequenceOf(getInputs().front()), sequenceOf(input)))
      return emitOpError() << "expected operands of one element type, got " << getInputs().getTypes();
  results.push_back({});
  return success();
}

Type SequenceConstructOp::inferElementType(unsigned) {
  Type type = sequenceOf(getInputs().front());
  for (Value input : getInputs().drop_front())
    type = joinElementTypes(type, sequenceOf(input));
  return type;
}

LogicalResult SequenceInsertOp::inferShapes(ShapeBuilder &, SmallVectorImpl<Shape> &results) {
  if (failed(checkSequence(*this, getInputSequence())) || failed(checkPosition(*this, getPosition())))
    return failure();
  // sequence_insert.C1: the tensor is of the type of the elements.
  if (!joinElementTypes(elementOf(getInputSequence()), sequenceOf(getTensor())))
    return emitOpError() << "expected an element of " << elementOf(getInputSequence()) << ", got "
                         << getTensor().getType();
  results.push_back({});
  return success();
}

Type SequenceInsertOp::inferElementType(unsigned) {
  return joinElementTypes(elementOf(getInputSequence()), sequenceOf(getTensor()));
}

LogicalResult SequenceEraseOp::inferShapes(ShapeBuilder &, SmallVectorImpl<Shape> &results) {
  if (failed(checkSequence(*this, getInputSequence())) || failed(checkPosition(*this, getPosition())))
    return failure();
  results.push_back({});
  return success();
}

Type SequenceEraseOp::inferElementType(unsigned) { return elementOf(getInputSequence()); }

/// The element that is taken, if it is known which one.
static Value knownElement(SequenceAtOp op) {
  auto elements = knownElements(op.getInputSequence());
  auto position = ShapeBuilder(op.getLoc()).constants(op.getPosition());
  if (!elements || !position || position->size() != 1)
    return {};
  int64_t size = int64_t(elements->size()),
          place = position->front() < 0 ? position->front() + size : position->front();
  return place >= 0 && place < size ? (*elements)[place] : Value();
}

LogicalResult SequenceAtOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  if (failed(checkSequence(*this, getInputSequence())) || failed(checkPosition(*this, getPosition())))
    return failure();
  if (Value element = knownElement(*this)) {
    results.push_back(shapes.dims(element));
    return success();
  }
  Type element = listElement(getInputSequence());
  if (failed(checkRank(*this, element)))
    return failure();
  results.push_back(elementShape(shapes, element));
  return success();
}

Type SequenceAtOp::inferElementType(unsigned) {
  if (Value element = knownElement(*this))
    return elementOf(element);
  return getElementTypeOrSelf(listElement(getInputSequence()));
}

/// sequence_at(sequence_construct(a, b), 1)  ->  b
OpFoldResult SequenceAtOp::fold(FoldAdaptor) {
  Value element = knownElement(*this);
  return element && element.getType() == getType() ? element : Value();
}

LogicalResult SequenceLengthOp::inferShapes(ShapeBuilder &, SmallVectorImpl<Shape> &results) {
  if (failed(checkSequence(*this, getInputSequence())))
    return failure();
  results.push_back({});
  return success();
}

Type SequenceLengthOp::inferElementType(unsigned) { return IntegerType::get(getContext(), 64); }

std::optional<Shape> SequenceLengthOp::inferContent(ShapeBuilder &, unsigned) {
  auto elements = knownElements(getInputSequence());
  return elements ? std::optional(Shape{Dim(int64_t(elements->size()))}) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// SplitToSequence, ConcatFromSequence
//===----------------------------------------------------------------------===//

LogicalResult SplitToSequenceOp::inferShapes(ShapeBuilder &, SmallVectorImpl<Shape> &results) {
  RankedTensorType input = getInput().getType();
  // split_to_sequence.C1: the axis is in range.
  if (!normalizeAxis(getAxis(), input.getRank()))
    return emitOpError() << "expected axis in [" << -input.getRank() << ", " << input.getRank() << "), got "
                         << int64_t(getAxis());
  // split_to_sequence.C2: the sizes are int32 or int64, one or a vector.
  if (getSplit()) {
    RankedTensorType split = getSplit().getType();
    bool isInteger = split.getElementType().isSignlessInteger(32) || split.getElementType().isSignlessInteger(64);
    if (!isInteger || split.getRank() > 1)
      return emitOpError() << "expected a split of rank 0 or 1 of int32 or int64, got " << split;
  }
  results.push_back({});
  return success();
}

Type SplitToSequenceOp::inferElementType(unsigned) {
  RankedTensorType input = getInput().getType();
  SmallVector<int64_t> shape(input.getShape());
  int64_t axis = *normalizeAxis(getAxis(), input.getRank());
  if (!getSplit() && !getKeepdims())
    shape.erase(shape.begin() + axis);
  else
    shape[axis] = getSplit() ? ShapedType::kDynamic : 1;
  return SequenceType::get(getContext(), RankedTensorType::get(shape, input.getElementType()));
}

LogicalResult ConcatFromSequenceOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  if (failed(checkSequence(*this, getInputSequence())) || failed(checkRank(*this, listElement(getInputSequence()))))
    return failure();
  // concat_from_sequence.C1: the elements are tensors.
  auto element = dyn_cast<RankedTensorType>(listElement(getInputSequence()));
  if (!element || isListType(element.getElementType()))
    return emitOpError() << "expected a sequence of tensors, got " << getInputSequence().getType();
  // concat_from_sequence.C2: the axis is in range.
  int64_t rank = element.getRank() + (getNewAxis() ? 1 : 0);
  std::optional<int64_t> axis = normalizeAxis(getAxis(), rank);
  if (!axis)
    return emitOpError() << "expected axis in [" << -rank << ", " << rank << "), got " << int64_t(getAxis());
  Shape sizes = elementShape(shapes, element);
  if (getNewAxis())
    sizes.insert(sizes.begin() + *axis, Dim::unknown(shapes));
  else
    sizes[*axis] = Dim::unknown(shapes);
  results.push_back(sizes);
  return success();
}

Type ConcatFromSequenceOp::inferElementType(unsigned) { return getElementTypeOrSelf(listElement(getInputSequence())); }

/// Whether tensors are known to be of the same sizes, but for those of an axis.
static bool agree(ArrayRef<Value> tensors, std::optional<int64_t> axis) {
  auto first = cast<RankedTensorType>(tensors.front().getType());
  return llvm::all_of(tensors, [&](Value tensor) {
    auto type = cast<RankedTensorType>(tensor.getType());
    bool same = type.getRank() == first.getRank() && type.getElementType() == first.getElementType() &&
                !isListType(type.getElementType());
    for (int64_t place = 0; same && place < type.getRank(); ++place)
      same = place == axis || (!type.isDynamicDim(place) && type.getDimSize(place) == first.getDimSize(place));
    return same;
  });
}

/// concat_from_sequence(sequence_construct(a, b))  ->  concat(a, b), or concat(unsqueeze(a), unsqueeze(b)) for a new
/// axis
LogicalResult ConcatFromSequenceOp::canonicalize(ConcatFromSequenceOp op, PatternRewriter &rewriter) {
  auto elements = knownElements(op.getInputSequence());
  if (!elements || elements->empty())
    return rewriter.notifyMatchFailure(op, "the elements are not known");
  int64_t axis = *normalizeAxis(op.getAxis(), op.getType().getRank());
  // What does not fit is the routine's to refuse, when it is run.
  if (!agree(*elements, op.getNewAxis() ? std::nullopt : std::optional(axis)))
    return rewriter.notifyMatchFailure(op, "the elements may not fit together");
  auto make = [&](StringRef name, ValueRange operands, ArrayRef<NamedAttribute> attributes) {
    OperationState state(op.getLoc(), name, operands, operands[0].getType(), attributes);
    Operation *made = rewriter.create(state);
    (void)refineResultTypes(made); // cannot fail: the operands fit
    return made->getResult(0);
  };
  if (op.getNewAxis()) {
    auto type = RankedTensorType::get({1}, rewriter.getI64Type());
    Value axes = ConstantOp::create(rewriter, op.getLoc(), type, DenseElementsAttr::get(type, axis));
    for (Value &element : *elements)
      element = make(UnsqueezeOp::getOperationName(), {element, axes}, {});
  }
  Value result =
      make(ConcatOp::getOperationName(), *elements, rewriter.getNamedAttr("axis", rewriter.getI64IntegerAttr(axis)));
  // Users have the type that they had; shape inference knows more.
  result.setType(op.getType());
  rewriter.replaceOp(op, result);
  return success();
}

//===----------------------------------------------------------------------===//
// Optionals
//===----------------------------------------------------------------------===//

LogicalResult OptionalOp::inferShapes(ShapeBuilder &, SmallVectorImpl<Shape> &results) {
  // optional.C1: there is an operand or a type.
  if (!getInput() && !getTypeAttr())
    return emitOpError("expected an operand or a type");
  results.push_back({});
  return success();
}

/// The element type of what is empty: nothing is known of the elements of a sequence in it.
static Type emptyElement(Type type) {
  Type element = getElementTypeOrSelf(type);
  if (auto sequence = dyn_cast<SequenceType>(element))
    return SequenceType::get(type.getContext(), emptyElement(sequence.getElement()));
  if (auto optional = dyn_cast<OptionalType>(element))
    return OptionalType::get(type.getContext(), emptyElement(optional.getElement()));
  return element;
}

Type OptionalOp::inferElementType(unsigned) {
  return OptionalType::get(getContext(),
                           getInput() ? Type(getInput().getType()) : emptyElement(getTypeAttr().getValue()));
}

LogicalResult OptionalGetElementOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // optional_get_element.C1: the operand is an optional.
  if (!isa<OptionalType>(elementOf(getInput())))
    return emitOpError() << "expected an optional, got " << getInput().getType();
  Type element = listElement(getInput());
  if (failed(checkRank(*this, element)))
    return failure();
  results.push_back(elementShape(shapes, element));
  return success();
}

Type OptionalGetElementOp::inferElementType(unsigned) { return getElementTypeOrSelf(listElement(getInput())); }

/// optional_get_element(optional(a))  ->  a
OpFoldResult OptionalGetElementOp::fold(FoldAdaptor) {
  auto made = getInput().getDefiningOp<OptionalOp>();
  return made && made.getInput() && made.getInput().getType() == getType() ? made.getInput() : Value();
}

LogicalResult OptionalHasElementOp::inferShapes(ShapeBuilder &, SmallVectorImpl<Shape> &results) {
  results.push_back({});
  return success();
}

Type OptionalHasElementOp::inferElementType(unsigned) { return IntegerType::get(getContext(), 1); }

std::optional<Shape> OptionalHasElementOp::inferContent(ShapeBuilder &, unsigned) {
  if (!getInput())
    return Shape{Dim(0)};
  if (!isa<OptionalType>(elementOf(getInput())))
    return Shape{Dim(1)};
  if (auto made = getInput().getDefiningOp<OptionalOp>())
    return Shape{Dim(made.getInput() ? 1 : 0)};
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Maps
//===----------------------------------------------------------------------===//

LogicalResult ZipMapOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  size_t numbers = getClasslabelsInt64s().value_or(ArrayRef<int64_t>()).size();
  size_t names = getClasslabelsStrings() ? getClasslabelsStrings()->size() : 0;
  // zip_map.C1: there are classes of one kind.
  if ((numbers == 0) == (names == 0))
    return emitOpError("expected one list of classes");
  // zip_map.C2: the operand is floats, [C] or [N, C].
  Shape sizes = shapes.dims(getX());
  if (!elementOf(getX()).isF32() || sizes.empty() || sizes.size() > 2)
    return emitOpError() << "expected floats of shape [C] or [N, C], got " << getX().getType();
  // zip_map.C3: there are as many columns as classes.
  if (sizes.back().isKnown() && sizes.back().get() != int64_t(numbers + names))
    return emitOpError() << "expected " << numbers + names << " columns, as there are classes, got "
                         << sizes.back().get();
  results.push_back({});
  return success();
}

Type ZipMapOp::inferElementType(unsigned) {
  bool isOfNames = getClasslabelsStrings() && !getClasslabelsStrings()->empty();
  Type key = isOfNames ? Type(StringType::get(getContext())) : Type(IntegerType::get(getContext(), 64));
  auto map = MapType::get(getContext(), key, Float32Type::get(getContext()));
  return SequenceType::get(getContext(), RankedTensorType::get({}, map));
}

LogicalResult DictVectorizerOp::inferShapes(ShapeBuilder &, SmallVectorImpl<Shape> &results) {
  size_t numbers = getInt64Vocabulary().value_or(ArrayRef<int64_t>()).size();
  size_t names = getStringVocabulary() ? getStringVocabulary()->size() : 0;
  // dict_vectorizer.C1: there is a vocabulary of what the keys are.
  auto map = dyn_cast<MapType>(elementOf(getX()));
  if (!map || (numbers == 0) == (names == 0) || (names != 0) != isa<StringType>(map.getKey()))
    return emitOpError() << "expected a map and one vocabulary of its keys, got " << getX().getType();
  results.push_back({Dim(1), Dim(int64_t(numbers + names))});
  return success();
}

Type DictVectorizerOp::inferElementType(unsigned) {
  auto map = dyn_cast<MapType>(elementOf(getX()));
  return map ? map.getValue() : elementOf(getX());
}

LogicalResult CastMapOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // cast_map.C1: the operand is a map from int64 to float or strings.
  auto map = dyn_cast<MapType>(elementOf(getX()));
  if (!map || !map.getKey().isInteger(64) || !(map.getValue().isF32() || isa<StringType>(map.getValue())))
    return emitOpError() << "expected a map from int64 to float or string, got " << getX().getType();
  // cast_map.C2: the attributes have values that there are.
  if (!llvm::is_contained({"TO_FLOAT", "TO_STRING", "TO_INT64"}, getCastTo()))
    return emitOpError() << "expected cast_to TO_FLOAT, TO_STRING or TO_INT64, got '" << getCastTo() << "'";
  bool isSparse = getMapForm() == "SPARSE";
  if (!isSparse && getMapForm() != "DENSE")
    return emitOpError() << "expected map_form DENSE or SPARSE, got '" << getMapForm() << "'";
  if (isSparse && (int64_t(getMaxMap()) < 1 || int64_t(getMaxMap()) > (int64_t(1) << 31)))
    return emitOpError() << "expected a max_map of at least 1, got " << int64_t(getMaxMap());
  results.push_back({Dim(1), isSparse ? Dim(int64_t(getMaxMap())) : Dim::unknown(shapes)});
  return success();
}

Type CastMapOp::inferElementType(unsigned) {
  if (getCastTo() == "TO_STRING")
    return StringType::get(getContext());
  return getCastTo() == "TO_INT64" ? Type(IntegerType::get(getContext(), 64)) : Type(Float32Type::get(getContext()));
}

} // namespace fsc
