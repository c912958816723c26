//===- Text.cpp - Strings and categories ----------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Text.h"

using namespace mlir;

namespace fsc {

static bool isText(Value value) { return isa<StringType>(cast<RankedTensorType>(value.getType()).getElementType()); }

/// text.C1: the operands are strings.
static LogicalResult checkText(Operation *op) {
  for (Value operand : op->getOperands())
    if (!isText(operand))
      return op->emitOpError() << "expected a tensor of strings, got " << operand.getType();
  return success();
}

//===----------------------------------------------------------------------===//
// StringConcat, StringSplit, StringNormalizer, RegexFullMatch
//===----------------------------------------------------------------------===//

LogicalResult StringConcatOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  if (failed(checkText(*this)))
    return failure();
  return detail::inferElementwise(*this, shapes, results);
}

LogicalResult StringSplitOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  if (failed(checkText(*this)))
    return failure();
  Shape counts = shapes.dims(getX()), parts(counts);
  parts.push_back(Dim::unknown(shapes));
  results.append({parts, counts});
  return success();
}

Type StringSplitOp::inferElementType(unsigned result) {
  return result == 0 ? getX().getType().getElementType() : IntegerType::get(getContext(), 64);
}

LogicalResult StringNormalizerOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  if (failed(checkText(*this)))
    return failure();
  Shape sizes = shapes.dims(getX());
  // string_normalizer.C1: the operand is [C] or [1, C].
  if (sizes.empty() || sizes.size() > 2 || (sizes.size() == 2 && sizes[0].isKnown() && sizes[0].get() != 1))
    return emitOpError() << "expected strings of shape [C] or [1, C], got " << getX().getType();
  // string_normalizer.C2: the case is one that there is.
  if (!llvm::is_contained({"NONE", "LOWER", "UPPER"}, getCaseChangeAction()))
    return emitOpError() << "expected case_change_action NONE, LOWER or UPPER, got '" << getCaseChangeAction() << "'";
  sizes.back() = Dim::unknown(shapes);
  if (sizes.size() == 2)
    sizes[0] = Dim(1);
  results.push_back(sizes);
  return success();
}

LogicalResult RegexFullMatchOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  if (failed(checkText(*this)))
    return failure();
  results.push_back(shapes.dims(getX()));
  return success();
}

Type RegexFullMatchOp::inferElementType(unsigned) { return IntegerType::get(getContext(), 1); }

//===----------------------------------------------------------------------===//
// TfIdfVectorizer
//===----------------------------------------------------------------------===//

LogicalResult TfIdfVectorizerOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape sizes = shapes.dims(getX());
  // tf_idf_vectorizer.C1: the operand is [C] or [N, C].
  if (sizes.size() > 2)
    return emitOpError() << "expected an operand of shape [C] or [N, C], got " << getX().getType();
  // tf_idf_vectorizer.C2: the pool is of what the operand is.
  bool isOfStrings = getPoolStrings() && !getPoolStrings()->empty();
  size_t items = isOfStrings ? getPoolStrings()->size() : getPoolInt64s().value_or(ArrayRef<int64_t>()).size();
  if (isOfStrings != isText(getX()) || (!isOfStrings && !getX().getType().getElementType().isInteger()))
    return emitOpError() << "expected a pool of the operand's elements, got " << getX().getType();
  // tf_idf_vectorizer.C3: the lengths of n-grams, and what is skipped, are possible.
  if (int64_t(getMinGramLength()) < 1 || getMinGramLength() > getMaxGramLength() || int64_t(getMaxSkipCount()) < 0)
    return emitOpError("expected 1 <= min_gram_length <= max_gram_length, and a max_skip_count of at least 0");
  // tf_idf_vectorizer.C4: the mode is one that there is.
  if (!llvm::is_contained({"TF", "IDF", "TFIDF"}, getMode()))
    return emitOpError() << "expected mode TF, IDF or TFIDF, got '" << getMode() << "'";
  // tf_idf_vectorizer.C5: ngram_counts are where the n-grams of each length begin in the pool.
  int64_t grams = 0;
  ArrayRef<int64_t> counts = getNgramCounts();
  for (size_t i = 0; i < counts.size(); ++i) {
    int64_t begin = counts[i], end = i + 1 < counts.size() ? counts[i + 1] : int64_t(items);
    if (begin < 0 || end < begin || end > int64_t(items) || (end - begin) % int64_t(i + 1) != 0)
      return emitOpError("expected ngram_counts that divide the pool into n-grams");
    grams += (end - begin) / int64_t(i + 1);
  }
  // tf_idf_vectorizer.C6: each n-gram has a column, and if there are weights, a weight.
  ArrayRef<int64_t> columns = getNgramIndexes();
  constexpr int64_t maxColumns = int64_t(1) << 31;
  if (columns.empty() || int64_t(columns.size()) != grams ||
      llvm::any_of(columns, [](int64_t column) { return column < 0 || column >= maxColumns; }))
    return emitOpError() << "expected " << grams << " columns in ngram_indexes, got " << columns.size();
  int64_t width = *llvm::max_element(columns) + 1;
  if (getWeights() && !getWeights()->empty() && int64_t(getWeights()->size()) < width)
    return emitOpError() << "expected " << width << " weights, got " << getWeights()->size();
  if (sizes.empty())
    results.push_back({Dim(width)});
  else {
    sizes.back() = Dim(width);
    results.push_back(sizes);
  }
  return success();
}

Type TfIdfVectorizerOp::inferElementType(unsigned) { return Float32Type::get(getContext()); }

//===----------------------------------------------------------------------===//
// Categories
//===----------------------------------------------------------------------===//

namespace {

/// A list of attributes of which one is there: the element type and number of what it holds.
struct Table {
  Type type;
  int64_t size = 0;
  int lists = 0;

  void add(Type element, std::optional<int64_t> count) {
    if (!count)
      return;
    type = element;
    size = *count;
    ++lists;
  }
  void add(std::optional<ElementsAttr> tensor) {
    if (tensor)
      add(tensor->getElementType(), tensor->getNumElements());
  }
};

template <typename List> std::optional<int64_t> sizeOf(const std::optional<List> &list) {
  return list ? std::optional(int64_t(list->size())) : std::nullopt;
}

Table keysOf(LabelEncoderOp op) {
  Builder b(op.getContext());
  Table keys;
  keys.add(b.getI64Type(), sizeOf(op.getKeysInt64s()));
  keys.add(b.getF32Type(), sizeOf(op.getKeysFloats()));
  keys.add(StringType::get(op.getContext()), sizeOf(op.getKeysStrings()));
  keys.add(op.getKeysTensor());
  return keys;
}

Table valuesOf(LabelEncoderOp op) {
  Builder b(op.getContext());
  Table values;
  values.add(b.getI64Type(), sizeOf(op.getValuesInt64s()));
  values.add(b.getF32Type(), sizeOf(op.getValuesFloats()));
  values.add(StringType::get(op.getContext()), sizeOf(op.getValuesStrings()));
  values.add(op.getValuesTensor());
  return values;
}

} // namespace

LogicalResult LabelEncoderOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Table keys = keysOf(*this), values = valuesOf(*this);
  // label_encoder.C1: there is one list of keys and one of as many values.
  if (keys.lists != 1 || values.lists != 1 || keys.size != values.size)
    return emitOpError("expected one list of keys and one of as many values");
  // label_encoder.C2: the keys are of the operand's type.
  if (keys.type != getX().getType().getElementType())
    return emitOpError() << "expected an operand of the keys' type " << keys.type << ", got " << getX().getType();
  // label_encoder.C3: a default tensor is one value.
  if (getDefaultTensor() &&
      (getDefaultTensor()->getNumElements() != 1 || getDefaultTensor()->getElementType() != values.type))
    return emitOpError() << "expected a default of one " << values.type << ", got " << getDefaultTensor()->getType();
  results.push_back(shapes.dims(getX()));
  return success();
}

Type LabelEncoderOp::inferElementType(unsigned) { return valuesOf(*this).type; }

LogicalResult CategoryMapperOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // category_mapper.C1: there are as many names as numbers.
  if (!getCatsStrings() || !getCatsInt64s() || getCatsStrings()->size() != getCatsInt64s()->size())
    return emitOpError("expected as many cats_strings as cats_int64s");
  // category_mapper.C2: the operand is names or numbers.
  if (!isText(getX()) && !getX().getType().getElementType().isSignlessInteger(64))
    return emitOpError() << "expected strings or int64, got " << getX().getType();
  results.push_back(shapes.dims(getX()));
  return success();
}

Type CategoryMapperOp::inferElementType(unsigned) {
  return isText(getX()) ? Type(IntegerType::get(getContext(), 64)) : Type(StringType::get(getContext()));
}

LogicalResult OneHotEncoderOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  int64_t strings = getCatsStrings() ? int64_t(getCatsStrings()->size()) : 0;
  int64_t numbers = getCatsInt64s() ? int64_t(getCatsInt64s()->size()) : 0;
  // one_hot_encoder.C1: there is one list of categories, of what the operand is.
  if ((strings == 0) == (numbers == 0) || (strings != 0) != isText(getX()))
    return emitOpError() << "expected one list of categories, of what the operand is, got " << getX().getType();
  Shape sizes = shapes.dims(getX());
  sizes.push_back(Dim(strings + numbers));
  results.push_back(sizes);
  return success();
}

Type OneHotEncoderOp::inferElementType(unsigned) { return Float32Type::get(getContext()); }

} // namespace fsc
