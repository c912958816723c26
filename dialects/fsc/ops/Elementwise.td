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
// with it.
//
//===----------------------------------------------------------------------===//

defvar i1Type = "::mlir::IntegerType::get(getContext(), 1)";

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

//===--- Comparison and logic ---------------------------------------------===//

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

//===--- Exponentials and trigonometry ------------------------------------===//

def Fsc_ExpOp : Fsc_Unary<"exp", Onnx<"Exp", 6>, "fsc::exp(a)">;
def Fsc_LogOp : Fsc_Unary<"log", Onnx<"Log", 6>, "fsc::log(a)">;
def Fsc_SqrtOp : Fsc_Unary<"sqrt", Onnx<"Sqrt", 6>, "fsc::sqrt(a)">;
def Fsc_SinOp : Fsc_Unary<"sin", Onnx<"Sin", 7>, "fsc::sin(a)">;
def Fsc_CosOp : Fsc_Unary<"cos", Onnx<"Cos", 7>, "fsc::cos(a)">;
def Fsc_TanOp : Fsc_Unary<"tan", Onnx<"Tan", 7>, "fsc::tan(a)">;
def Fsc_AsinOp : Fsc_Unary<"asin", Onnx<"Asin", 7>, "fsc::asin(a)">;
def Fsc_AcosOp : Fsc_Unary<"acos", Onnx<"Acos", 7>, "fsc::acos(a)">;
def Fsc_AtanOp : Fsc_Unary<"atan", Onnx<"Atan", 7>, "fsc::atan(a)">;
def Fsc_SinhOp : Fsc_Unary<"sinh", Onnx<"Sinh", 9>, "fsc::sinh(a)">;
def Fsc_CoshOp : Fsc_Unary<"cosh", Onnx<"Cosh", 9>, "fsc::cosh(a)">;
def Fsc_TanhOp : Fsc_Unary<"tanh", Onnx<"Tanh", 6>, "fsc::tanh(a)">;
def Fsc_AsinhOp : Fsc_Unary<"asinh", Onnx<"Asinh", 9>, "fsc::asinh(a)">;
def Fsc_AcoshOp : Fsc_Unary<"acosh", Onnx<"Acosh", 9>, "fsc::acosh(a)">;
def Fsc_AtanhOp : Fsc_Unary<"atanh", Onnx<"Atanh", 9>, "fsc::atanh(a)">;
def Fsc_ErfOp : Fsc_Unary<"erf", Onnx<"Erf", 9>, "fsc::erf(a)">;

//===--- Activations ------------------------------------------------------===//

class Fsc_Activation<string mnemonic, Onnx onnx, dag attributes, string names, string expression>
    : Fsc_Elementwise<mnemonic, onnx, !con((ins Fsc_Tensor:$a), attributes), "auto a = args[0];" # names, expression>;
class F32<string value> : DefaultValuedAttr<F32Attr, value>;
defvar toDouble = ".convertToFloat()";

def Fsc_ReluOp : Fsc_Unary<"relu", Onnx<"Relu", 6>, "fsc::max(a, a.like(0))">;
def Fsc_SigmoidOp : Fsc_Unary<"sigmoid", Onnx<"Sigmoid", 6>, "sigmoid(a)">;
def Fsc_SoftplusOp : Fsc_Unary<"softplus", Onnx<"Softplus", 1>,
    "fsc::max(a, a.like(0)) + fsc::log1p(fsc::exp(-fsc::abs(a)))">;
def Fsc_SoftsignOp : Fsc_Unary<"softsign", Onnx<"Softsign", 1>, "a / (a.like(1) + fsc::abs(a))">;
def Fsc_HardSwishOp : Fsc_Unary<"hard_swish", Onnx<"HardSwish", 14>,
    "a * fsc::max(a.like(0), fsc::min(a.like(1), a * a.like(1.0 / 6) + a.like(0.5)))">;
def Fsc_MishOp : Fsc_Unary<"mish", Onnx<"Mish", 18>,
    "a * fsc::tanh(fsc::max(a, a.like(0)) + fsc::log1p(fsc::exp(-fsc::abs(a))))">;
def Fsc_LeakyReluOp : Fsc_Activation<"leaky_relu", Onnx<"LeakyRelu", 6>, (ins F32<"0.01f">:$alpha), "",
    "select(a < a.like(0), a * a.like(getAlpha().convertToFloat()), a)">;
def Fsc_EluOp : Fsc_Activation<"elu", Onnx<"Elu", 6>, (ins F32<"1.0f">:$alpha), "",
    "select(a < a.like(0), a.like(getAlpha().convertToFloat()) * fsc::expm1(a), a)">;
def Fsc_SeluOp : Fsc_Activation<"selu", Onnx<"Selu", 6>,
    (ins F32<"1.67326319217681884765625f">:$alpha, F32<"1.05070102214813232421875f">:$gamma),
    "Scalar gamma = a.like(getGamma().convertToFloat());",
    "select(a > a.like(0), gamma * a, gamma * a.like(getAlpha().convertToFloat()) * fsc::expm1(a))">;
def Fsc_CeluOp : Fsc_Activation<"celu", Onnx<"Celu", 12>, (ins F32<"1.0f">:$alpha),
    "Scalar alpha = a.like(getAlpha().convertToFloat());",
    "fsc::max(a, a.like(0)) + fsc::min(a.like(0), alpha * fsc::expm1(a / alpha))">;
def Fsc_ThresholdedReluOp : Fsc_Activation<"thresholded_relu", Onnx<"ThresholdedRelu", 10>, (ins F32<"1.0f">:$alpha), "",
    "select(a > a.like(getAlpha().convertToFloat()), a, a.like(0))">;
def Fsc_HardSigmoidOp : Fsc_Activation<"hard_sigmoid", Onnx<"HardSigmoid", 6>, (ins F32<"0.2f">:$alpha, F32<"0.5f">:$beta), "",
    "fsc::max(a.like(0), fsc::min(a.like(1), a * a.like(getAlpha().convertToFloat()) + a.like(getBeta().convertToFloat())))">;
def Fsc_ShrinkOp : Fsc_Activation<"shrink", Onnx<"Shrink", 9>, (ins F32<"0.5f">:$lambd, F32<"0.0f">:$bias),
    [{double lambda = getLambd().convertToFloat(), bias = getBias().convertToFloat();}],
    [{select(a < a.like(-lambda), a + a.like(bias), select(a > a.like(lambda), a - a.like(bias), a.like(0)))}]>;
def Fsc_GeluOp : Fsc_Activation<"gelu", Onnx<"Gelu", 20>, (ins DefaultValuedStrAttr<StrAttr, "none">:$approximate), "",
    [{getApproximate() == "tanh" ? geluTanh(a) : geluErf(a)}]>;
def Fsc_SwishOp : Fsc_Activation<"swish", Onnx<"Swish", 24>, (ins F32<"1.0f">:$alpha), "",
    "a * sigmoid(a * a.like(getAlpha().convertToFloat()))">;
def Fsc_PReluOp : Fsc_Binary<"prelu", Onnx<"PRelu", 7>, "select(a < a.like(0), a * b, a)">;
def Fsc_ClipOp : Fsc_Elementwise<"clip", Onnx<"Clip", 11>,
    (ins Fsc_Tensor:$a, Optional<Fsc_Tensor>:$min, Optional<Fsc_Tensor>:$max), [{
      Scalar a = args[0];
      if (getMin()) a = fsc::max(a, args[1]);
      if (getMax()) a = fsc::min(a, args.back());}], "a", "types[0]", "", [AttrSizedOperandSegments]>;
