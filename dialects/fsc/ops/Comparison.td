//===- Comparison.td - Elementwise comparison and logic ----*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

def Fsc_EqualOp : Fsc_Binary<"equal", Onnx<"Equal", 7>, "a == b", i1Type, "selectEqual(a, b, Dim(1), Dim(0))">;
def Fsc_GreaterOp : Fsc_Binary<"greater", Onnx<"Greater", 7>, "a > b", i1Type, "selectLess(b, a, Dim(1), Dim(0))">;
def Fsc_LessOp : Fsc_Binary<"less", Onnx<"Less", 7>, "a < b", i1Type, "selectLess(a, b, Dim(1), Dim(0))">;
def Fsc_GreaterOrEqualOp : Fsc_Binary<"greater_or_equal", Onnx<"GreaterOrEqual", 12>, "a >= b", i1Type, "selectLess(a, b, Dim(0), Dim(1))">;
def Fsc_LessOrEqualOp : Fsc_Binary<"less_or_equal", Onnx<"LessOrEqual", 12>, "a <= b", i1Type, "selectLess(b, a, Dim(0), Dim(1))">;
def Fsc_AndOp : Fsc_Binary<"and", Onnx<"And", 7>, "a & b", "types[0]", "a * b">;
def Fsc_OrOp : Fsc_Binary<"or", Onnx<"Or", 7>, "a | b", "types[0]", "max(a, b)">;
def Fsc_XorOp : Fsc_Binary<"xor", Onnx<"Xor", 7>, "a ^ b">;
def Fsc_NotOp : Fsc_Unary<"not", Onnx<"Not", 1>, "~a", "types[0]", "Dim(1) - a">;
def Fsc_BitwiseAndOp : Fsc_Binary<"bitwise_and", Onnx<"BitwiseAnd", 18>, "a & b">;
def Fsc_BitwiseOrOp : Fsc_Binary<"bitwise_or", Onnx<"BitwiseOr", 18>, "a | b">;
def Fsc_BitwiseXorOp : Fsc_Binary<"bitwise_xor", Onnx<"BitwiseXor", 18>, "a ^ b">;
def Fsc_BitwiseNotOp : Fsc_Unary<"bitwise_not", Onnx<"BitwiseNot", 18>, "~a">;
def Fsc_BitShiftOp : Fsc_Elementwise<"bit_shift", Onnx<"BitShift", 11>,
    (ins Fsc_Tensor:$a, Fsc_Tensor:$b, StrAttr:$direction), "auto a = args[0], b = args[1];",
    [{getDirection() == "LEFT" ? shiftLeft(a, b) : shiftRight(a, b)}]>;
def Fsc_WhereOp : Fsc_Elementwise<"where", Onnx<"Where", 9>,
    (ins Fsc_Tensor:$condition, Fsc_Tensor:$a, Fsc_Tensor:$b), "",
    "fsc::select(args[0], args[1], args[2])", "types[1]", "", [Fsc_NarrowTypes]>;
def Fsc_IsNaNOp : Fsc_Unary<"is_nan", Onnx<"IsNaN", 9>, "fsc::isNaN(a)", i1Type, "", [Fsc_NarrowTypes]>;
def Fsc_IsInfOp : Fsc_Elementwise<"is_inf", Onnx<"IsInf", 10>,
    (ins Fsc_Tensor:$a, DefaultValuedAttr<I64Attr, "1">:$detect_negative, DefaultValuedAttr<I64Attr, "1">:$detect_positive), [{
      Scalar a = widen(args[0]), none = a != a;
      Scalar found = none & ~none;
      if (getDetectPositive()) found = found | (a == a.infinity());
      if (getDetectNegative()) found = found | (a == a.infinity(true));}], "found", i1Type,
    "", [Fsc_NarrowTypes]>;
