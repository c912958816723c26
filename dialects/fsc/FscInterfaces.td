//===- FscInterfaces.td - How the rest of fsc sees an op ---*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_INTERFACES
#define FSC_INTERFACES

include "mlir/IR/OpBase.td"

def FscOpInterface : OpInterface<"FscOpInterface"> {
  let cppNamespace = "::fsc";
  let description = [{
    What importing, shape inference, fusion and lowering know of an op. One
    description of the result's sizes, `inferShapes`, serves three purposes:
    the types that importing gives, the check that the verifier makes, and the
    code that computes sizes at run time.
  }];
  let methods = [
    InterfaceMethod<[{
      Computes the sizes of every result with `shapes`. Fails, with a diagnostic on
      the op, if the operands' shapes or the attributes are not legal.
    }], "::mlir::LogicalResult", "inferShapes",
    (ins "::fsc::ShapeBuilder &":$shapes, "::llvm::SmallVectorImpl<::fsc::Shape> &":$results)>,
    InterfaceMethod<[{
      Emits linalg, on tensors, for the op's results: the reference lowering.
    }], "::mlir::LogicalResult", "lowerToLinalg", (ins "::fsc::LinalgBuilder &":$builder)>,
    InterfaceMethod<"The element type of a result; by default that of the first operand.",
    "::mlir::Type", "inferElementType", (ins "unsigned":$result), "", [{
      return ::llvm::cast<::mlir::ShapedType>($_op->getOperand(0).getType()).getElementType();
    }]>,
    InterfaceMethod<[{
      The elements of an integer result of rank 0 or 1, as far as they follow from
      sizes of tensors; nothing where they do not.
    }], "std::optional<::fsc::Shape>", "inferContent",
    (ins "::fsc::ShapeBuilder &":$shapes, "unsigned":$result), "", [{ return std::nullopt; }]>,
    InterfaceMethod<"The kind of kernel that the op is the anchor of.",
    "::fsc::Anchor", "getAnchor", (ins), "", [{ return ::fsc::Anchor::movement; }]>,
    InterfaceMethod<[{
      Multiplications and additions of one run, for the summary and the cost model;
      by default one for each element of the first result.
    }], "double", "countFlops", (ins), "", [{ return ::fsc::detail::countElements($_op->getResult(0)); }]>,
    InterfaceMethod<[{
      Whether the result is the first operand's buffer seen with other sizes: such an op
      costs nothing and is never put into a kernel.
    }], "bool", "isView", (ins), "", [{ return false; }]>,
    InterfaceMethod<[{
      The name of the routine of the runtime that computes the op, or nothing where compiled
      code does. Such an op is never put into a kernel; the sizes of its results that inferShapes
      leaves open are what the routine says.
    }], "::llvm::StringRef", "getRoutine", (ins), "", [{ return {}; }]>,
  ];
  let verify = [{ return ::fsc::detail::verifyInferred($_op); }];
  let verifyWithRegions = 0;
}

def ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::fsc";
  let description = [{
    An op whose result element is a function of its operands' elements at the
    same place, after broadcasting.
  }];
  let methods = [
    InterfaceMethod<[{
      The result element from the operands'. f16 and bf16 arrive as f32 and the result
      is rounded by the caller. Values may be vectors as well as scalars.
    }], "::fsc::Scalar", "buildScalar", (ins "::llvm::ArrayRef<::fsc::Scalar>":$args)>,
  ];
}

#endif // FSC_INTERFACES
