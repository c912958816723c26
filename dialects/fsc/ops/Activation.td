//===- Activation.td - Elementwise activations -------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

class Fsc_Activation<string mnemonic, Onnx onnx, dag attributes, string names, string expression>
    : Fsc_Elementwise<mnemonic, onnx, !con((ins Fsc_Tensor:$a), attributes), "auto a = args[0];" # names, expression>;
class F32<string value> : DefaultValuedAttr<F32Attr, value>;

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
    "gamma * select(a > a.like(0), a, a.like(getAlpha().convertToFloat()) * fsc::expm1(a))">;
def Fsc_CeluOp : Fsc_Activation<"celu", Onnx<"Celu", 12>, (ins F32<"1.0f">:$alpha),
    "Scalar alpha = a.like(getAlpha().convertToFloat());",
    "fsc::max(a, a.like(0)) + fsc::min(a.like(0), alpha * fsc::expm1(a / alpha))">;
def Fsc_ThresholdedReluOp : Fsc_Activation<"thresholded_relu", Onnx<"ThresholdedRelu", 10>, (ins F32<"1.0f">:$alpha), "",
    "select(a > a.like(getAlpha().convertToFloat()), a, a.like(0))">;
def Fsc_HardSigmoidOp : Fsc_Activation<"hard_sigmoid", Onnx<"HardSigmoid", 6>, (ins F32<"0.2f">:$alpha, F32<"0.5f">:$beta), "",
    "fsc::max(a.like(0), fsc::min(a.like(1), a * a.like(getAlpha().convertToFloat()) + a.like(getBeta().convertToFloat())))">;
def Fsc_ShrinkOp : Fsc_Activation<"shrink", Onnx<"Shrink", 9>, (ins F32<"0.5f">:$lambd, F32<"0.0f">:$bias),
    [{double lambda = getLambd().convertToFloat(), bias = getBias().convertToFloat();
      Scalar x = a.isFloat() ? a : fsc::cast(a, a.getBuilder().getF64Type());}],
    [{fsc::cast(select(x < x.like(-lambda), x + x.like(bias), select(x > x.like(lambda), x - x.like(bias), x.like(0))), a.getType())}]>;
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
