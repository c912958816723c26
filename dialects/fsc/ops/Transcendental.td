//===- Transcendental.td - Exponentials, trigonometry ------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

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
