//===- Text.td - Strings and categories --------------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

//===--- Strings ----------------------------------------------------------===//

def Fsc_StringConcatOp : Fsc_RoutineOp<"string_concat", Onnx<"StringConcat", 20>> {
  let summary = "the strings of one operand followed by those of the other, broadcast";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$y);
  let results = (outs Fsc_Tensor:$z);
}

def Fsc_StringSplitOp : Fsc_RoutineOp<"string_split", Onnx<"StringSplit", 20>, ["inferElementType"]> {
  let summary = "the parts of each string, in a new last dim filled up with empty strings, and how many there are";
  let arguments = (ins Fsc_Tensor:$x, OptionalAttr<StrAttr>:$delimiter, OptionalAttr<I64Attr>:$maxsplit);
  let results = (outs Fsc_Tensor:$y, Fsc_Tensor:$z);
}

def Fsc_StringNormalizerOp : Fsc_RoutineOp<"string_normalizer", Onnx<"StringNormalizer", 10>> {
  let summary = "the strings in one case, without those that are stopwords; an empty one if none is left";
  let arguments = (ins Fsc_Tensor:$x, DefaultValuedStrAttr<StrAttr, "NONE">:$case_change_action,
                       DefaultValuedAttr<I64Attr, "0">:$is_case_sensitive, OptionalAttr<StrAttr>:$locale,
                       OptionalAttr<StrArrayAttr>:$stopwords);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_RegexFullMatchOp : Fsc_RoutineOp<"regex_full_match", Onnx<"RegexFullMatch", 20>, ["inferElementType"]> {
  let summary = "whether each string as a whole matches a regular expression of RE2";
  let arguments = (ins Fsc_Tensor:$x, DefaultValuedStrAttr<StrAttr, "">:$pattern);
  let results = (outs Fsc_Tensor:$y);
}

//===--- Categories -------------------------------------------------------===//

def Fsc_TfIdfVectorizerOp : Fsc_RoutineOp<"tf_idf_vectorizer", Onnx<"TfIdfVectorizer", 9>, ["inferElementType"]> {
  let summary = "how often each n-gram of a pool is in each row, and its weight";
  let arguments = (ins Fsc_Tensor:$x, I64Attr:$max_gram_length, I64Attr:$max_skip_count, I64Attr:$min_gram_length,
                       StrAttr:$mode, DenseI64ArrayAttr:$ngram_counts, DenseI64ArrayAttr:$ngram_indexes,
                       OptionalAttr<DenseI64ArrayAttr>:$pool_int64s, OptionalAttr<StrArrayAttr>:$pool_strings,
                       OptionalAttr<DenseF32ArrayAttr>:$weights);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_LabelEncoderOp : Fsc_RoutineOp<"label_encoder", Onnx<"LabelEncoder", 2, "ai.onnx.ml">, ["inferElementType"]> {
  let summary = "the value of each element's key, or a default";
  let arguments = (ins Fsc_Tensor:$x,
      OptionalAttr<DenseI64ArrayAttr>:$keys_int64s, OptionalAttr<DenseF32ArrayAttr>:$keys_floats,
      OptionalAttr<StrArrayAttr>:$keys_strings, OptionalAttr<ElementsAttr>:$keys_tensor,
      OptionalAttr<DenseI64ArrayAttr>:$values_int64s, OptionalAttr<DenseF32ArrayAttr>:$values_floats,
      OptionalAttr<StrArrayAttr>:$values_strings, OptionalAttr<ElementsAttr>:$values_tensor,
      DefaultValuedAttr<I64Attr, "-1">:$default_int64, DefaultValuedAttr<F32Attr, "-0.0f">:$default_float,
      DefaultValuedStrAttr<StrAttr, "_Unused">:$default_string, OptionalAttr<ElementsAttr>:$default_tensor);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_CategoryMapperOp : Fsc_RoutineOp<"category_mapper", Onnx<"CategoryMapper", 1, "ai.onnx.ml">, ["inferElementType"]> {
  let summary = "strings as the numbers of their categories, or such numbers as strings";
  let arguments = (ins Fsc_Tensor:$x, OptionalAttr<DenseI64ArrayAttr>:$cats_int64s, OptionalAttr<StrArrayAttr>:$cats_strings,
                       DefaultValuedAttr<I64Attr, "-1">:$default_int64, DefaultValuedStrAttr<StrAttr, "_Unused">:$default_string);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_OneHotEncoderOp : Fsc_RoutineOp<"one_hot_encoder", Onnx<"OneHotEncoder", 1, "ai.onnx.ml">, ["inferElementType"]> {
  let summary = "1 at the place of each element's category in a new last dim, 0 elsewhere";
  let arguments = (ins Fsc_Tensor:$x, OptionalAttr<DenseI64ArrayAttr>:$cats_int64s, OptionalAttr<StrArrayAttr>:$cats_strings,
                       DefaultValuedAttr<I64Attr, "1">:$zeros);
  let results = (outs Fsc_Tensor:$y);
}
