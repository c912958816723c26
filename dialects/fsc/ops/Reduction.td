//===- Reduction.td - Reductions over axes -----------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

/// A reduction over axes. In terms of Scalars: `start` is the first state (`zero` is of the compute type, `fsc::asSum(zero)`
/// of the sum type), `step` the next one from `r` and the element `a`, `last` the result from `r` and the number of elements `n`. All are
/// of the state's type.
class Fsc_ReduceOp<string mnemonic, Onnx onnx, string start, string step, string last = "r">
    : Fsc_Op<mnemonic, onnx, ["getAnchor", "countFlops"]> {
  let arguments = (ins Fsc_Tensor:$data, Optional<Fsc_Tensor>:$axes,
                       DefaultValuedAttr<I64Attr, "1">:$keepdims, DefaultValuedAttr<I64Attr, "0">:$noop_with_empty_axes);
  let results = (outs Fsc_Tensor:$reduced);
  code reduceDefinition = [{
    ::mlir::LogicalResult $cppClass::inferShapes(::fsc::ShapeBuilder &shapes, ::llvm::SmallVectorImpl<::fsc::Shape> &results) {
      return ::fsc::detail::inferReduction(getOperation(), getData(), getAxes(), getKeepdims(), getNoopWithEmptyAxes(), shapes, results);
    }
    ::mlir::LogicalResult $cppClass::lowerToLinalg(::fsc::LinalgBuilder &builder) {
      return ::fsc::detail::lowerReduction(getOperation(), getData(), getAxes(), getKeepdims(), getNoopWithEmptyAxes(), builder,
        [](Scalar zero) { return }] # start # [{; },
        [](Scalar r, Scalar a) { return }] # step # [{; },
        [](Scalar r, Scalar n) { return }] # last # [{; });
    }
    ::fsc::Anchor $cppClass::getAnchor() { return ::fsc::Anchor::reduction; }
    double $cppClass::countFlops() { return ::fsc::detail::countElements(getData()); }
  }];
  let extraClassDefinition = baseDefinition # reduceDefinition;
}

def Fsc_ReduceSumOp : Fsc_ReduceOp<"reduce_sum", Onnx<"ReduceSum", 13>, "fsc::asSum(zero)", "r + a">;
def Fsc_ReduceMeanOp : Fsc_ReduceOp<"reduce_mean", Onnx<"ReduceMean", 18>, "fsc::asSum(zero)", "r + a", "r / n">;
def Fsc_ReduceMaxOp : Fsc_ReduceOp<"reduce_max", Onnx<"ReduceMax", 18>, "zero.infinity(true)", "fsc::max(r, a)">;
def Fsc_ReduceMinOp : Fsc_ReduceOp<"reduce_min", Onnx<"ReduceMin", 18>, "zero.infinity()", "fsc::min(r, a)">;
def Fsc_ReduceProdOp : Fsc_ReduceOp<"reduce_prod", Onnx<"ReduceProd", 18>, "zero.like(1)", "r * a">;
def Fsc_ReduceL1Op : Fsc_ReduceOp<"reduce_l1", Onnx<"ReduceL1", 18>, "fsc::asSum(zero)", "r + fsc::abs(a)">;
def Fsc_ReduceL2Op : Fsc_ReduceOp<"reduce_l2", Onnx<"ReduceL2", 18>, "fsc::asSum(zero)", "r + a * a",
    "r.isFloat() ? fsc::sqrt(r) : fsc::cast(fsc::sqrt(fsc::cast(r, r.getBuilder().getF64Type())), r.getType())">;
def Fsc_ReduceSumSquareOp : Fsc_ReduceOp<"reduce_sum_square", Onnx<"ReduceSumSquare", 18>, "fsc::asSum(zero)", "r + a * a">;
def Fsc_ReduceLogSumOp : Fsc_ReduceOp<"reduce_log_sum", Onnx<"ReduceLogSum", 18>, "fsc::asSum(zero)", "r + a",
    "r.isFloat() ? fsc::log(r) : fsc::cast(fsc::log(fsc::cast(r, r.getBuilder().getF64Type())), r.getType())">;

def Fsc_ReduceLogSumExpOp : Fsc_Op<"reduce_log_sum_exp", Onnx<"ReduceLogSumExp", 18>, ["getAnchor", "countFlops"]> {
  let summary = "log(sum of exp(x)), computed relative to the largest element";
  let arguments = (ins Fsc_Tensor:$data, Optional<Fsc_Tensor>:$axes,
                       DefaultValuedAttr<I64Attr, "1">:$keepdims, DefaultValuedAttr<I64Attr, "0">:$noop_with_empty_axes);
  let results = (outs Fsc_Tensor:$reduced);
}
