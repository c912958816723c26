//===- Elementwise.td - Ops on elements at the same place --*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The string after the ONNX name is the result element as C++ over Scalars
// (Scalar.h); then the result's element type, where it is not that of the first
// operand, and the same function over sizes, where ONNX models compute shapes
// with it. Comparison.td, Activation.td and Transcendental.td hold more: the ops
// of a file are compiled together, which takes most of a second for each.
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

//===--- Arithmetic -------------------------------------------------------===//

def Fsc_AddOp : Fsc_Binary<"add", Onnx<"Add", 7>, "a + b", "types[0]", "a + b">;
def Fsc_SubOp : Fsc_Binary<"sub", Onnx<"Sub", 7>, "a - b", "types[0]", "a - b">;
def Fsc_MulOp : Fsc_Binary<"mul", Onnx<"Mul", 7>, "a * b", "types[0]", "a * b">;
def Fsc_DivOp : Fsc_Binary<"div", Onnx<"Div", 7>, "a / b", "types[0]", "truncDiv(a, b)">;
def Fsc_PowOp : Fsc_Binary<"pow", Onnx<"Pow", 7>, "powMixed(a, b)">;
def Fsc_ModOp : Fsc_Elementwise<"mod", Onnx<"Mod", 10>,
    (ins Fsc_Tensor:$a, Fsc_Tensor:$b, DefaultValuedAttr<I64Attr, "0">:$fmod), "auto a = args[0], b = args[1];",
    "getFmod() ? fsc::fmod(a, b) : fsc::mod(a, b)">;
def Fsc_NegOp : Fsc_Unary<"neg", Onnx<"Neg", 6>, "-a", "types[0]", "Dim(0) - a">;
def Fsc_AbsOp : Fsc_Unary<"abs", Onnx<"Abs", 6>, "abs(a)">;
def Fsc_SignOp : Fsc_Unary<"sign", Onnx<"Sign", 9>,
    "select(a > a.like(0), a.like(1), a.isUnsigned() ? a.like(0) : select(a < a.like(0), a.like(-1), a * a.like(0)))">;
def Fsc_ReciprocalOp : Fsc_Unary<"reciprocal", Onnx<"Reciprocal", 6>, "a.like(1) / a">;

class Fsc_Variadic<string mnemonic, Onnx onnx, string initial, string step, string last, string element = "types[0]">
    : Fsc_Elementwise<mnemonic, onnx, (ins Variadic<Fsc_Tensor>:$operands),
        "Scalar r = " # initial # "; for (Scalar a : args.drop_front()) r = " # step # ";", last, element>;
def Fsc_SumOp : Fsc_Variadic<"sum", Onnx<"Sum", 6>, "args[0]", "r + a", "r">;
def Fsc_MeanOp : Fsc_Variadic<"mean", Onnx<"Mean", 6>, "args[0]", "r + a", "r / r.like(double(args.size()))">;
def Fsc_MaxOp : Fsc_Variadic<"max", Onnx<"Max", 6>, "args[0]", "fsc::max(r, a)", "r">;
def Fsc_MinOp : Fsc_Variadic<"min", Onnx<"Min", 6>, "args[0]", "fsc::min(r, a)", "r">;

//===--- Conversion -------------------------------------------------------===//

def Fsc_IdentityOp : Fsc_Unary<"identity", Onnx<"Identity", 1>, "a", "types[0]", "a", [Fsc_NarrowTypes, Fsc_Lists]>;
class Fsc_Conversion<string mnemonic, Onnx onnx, dag operands, string element, string dims = "">
    : Fsc_Elementwise<mnemonic, onnx,
        !con(operands, (ins DefaultValuedAttr<I64Attr, "1">:$saturate, DefaultValuedStrAttr<StrAttr, "up">:$round_mode)),
        "", [{fsc::castElement(args[0], ::llvm::cast<::mlir::ShapedType>(getType()).getElementType(),
                               {getSaturate() != 0, *parseRoundMode(getRoundMode())})}], element, dims, [Fsc_NarrowTypes],
        "if (failed(::fsc::detail::verifyRoundMode(*this, getRoundMode()))) return ::mlir::failure();"> {
  let routine = "fsc::detail::castRoutine(getOperation())";
}
def Fsc_CastOp : Fsc_Conversion<"cast", Onnx<"Cast", 6>, (ins Fsc_Tensor:$a, I64Attr:$to),
    "fsc::typeOfOnnxElement(getContext(), getTo())",
    // A bool is 0 or 1.
    "getTo() == 9 ? selectEqual(args[0], Dim(0), Dim(0), Dim(1)) : args[0]">;
def Fsc_CastLikeOp : Fsc_Conversion<"cast_like", Onnx<"CastLike", 15>, (ins Fsc_Tensor:$a, Fsc_Tensor:$like), "types[1]">;

//===--- Rounding ---------------------------------------------------------===//

def Fsc_FloorOp : Fsc_Unary<"floor", Onnx<"Floor", 6>, "fsc::floor(a)">;
def Fsc_CeilOp : Fsc_Unary<"ceil", Onnx<"Ceil", 6>, "fsc::ceil(a)">;
def Fsc_RoundOp : Fsc_Unary<"round", Onnx<"Round", 11>, "roundEven(a)">;
