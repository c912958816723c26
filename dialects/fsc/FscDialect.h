//===- FscDialect.h - The fsc dialect ---------------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All but the ops. These have a header for each family, "dialects/fsc/ops/Kernel.h"
// for ops/Kernel.td, which the build writes: include the families that you use.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_FSCDIALECT_H
#define FSC_DIALECTS_FSC_FSCDIALECT_H

#include "dialects/fsc/LinalgBuilder.h"
#include "dialects/fsc/NarrowTypes.h"
#include "dialects/fsc/Scalar.h"
#include "dialects/fsc/Shape.h"
#include "dialects/fsc/UniformAssembly.h"
#include "dialects/fsc/ops/Window.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/LLVMIR/LLVMTypes.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <optional>

#include "dialects/fsc/FscEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/fsc/FscTypes.h.inc"

#include "dialects/fsc/Lists.h"

namespace fsc {

// Ops that others name: the ones that they may be in, and how such a region ends.
class IfOp;
class KernelOp;
class LoopOp;
class YieldOp;

/// Of a function: the least and the most that sizes may be, by name.
constexpr llvm::StringLiteral kRangesAttr = "fsc.ranges";

/// The ONNX operator that an op is, and the first opset that has the op's form.
struct OnnxName {
  const char *name;
  int since;
  const char *domain;
};

/// The element type that ONNX numbers `code` (TensorProto.DataType), null if it is not supported; and back, 0 if not.
mlir::Type typeOfOnnxElement(mlir::MLIRContext *context, int64_t code);
int64_t onnxElementOfType(mlir::Type type);

/// Whether tensors of this element type can be in an fsc graph.
bool isSupportedElementType(mlir::Type type);

/// The elements of an integer (or bool) constant; a bool is 0 or 1. Nothing if the data is not there.
std::optional<llvm::SmallVector<int64_t>> readIntegers(mlir::ElementsAttr elements);
/// The elements of a float constant of any width.
std::optional<llvm::SmallVector<double>> readFloats(mlir::ElementsAttr elements);
/// The bits of each element of a constant of a narrow type.
std::optional<llvm::SmallVector<uint8_t>> readNarrow(mlir::ElementsAttr elements);
/// The constant that `value` is, or null.
mlir::ElementsAttr getConstant(mlir::Value value);

namespace detail {

/// Fails with a diagnostic if the op's declared result types contradict what it infers.
mlir::LogicalResult verifyInferred(mlir::Operation *op);
/// The number of elements of a tensor, sizes that are not known counted as 1.
double countElements(mlir::Value tensor);
/// What an op that draws random numbers does: it makes its results anew each time.
void addDrawEffects(mlir::Operation *op,
                    llvm::SmallVectorImpl<mlir::SideEffects::EffectInstance<mlir::MemoryEffects::Effect>> &effects);

} // namespace detail
} // namespace fsc

#include "dialects/fsc/FscInterfaces.h.inc"

#include "dialects/fsc/FscDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/fsc/FscAttrs.h.inc"

namespace fsc::detail {

llvm::SmallVector<mlir::Type> operandElementTypes(mlir::Operation *op);
mlir::LogicalResult inferElementwise(mlir::Operation *op, ShapeBuilder &shapes, llvm::SmallVectorImpl<Shape> &results);
mlir::LogicalResult lowerElementwise(ElementwiseOpInterface op, LinalgBuilder &builder);
std::optional<Shape> inferElementwiseContent(mlir::Operation *op, ShapeBuilder &shapes,
                                             llvm::function_ref<Dim(llvm::ArrayRef<Dim>)> element);
/// The routine that casts from or to strings, or nothing.
llvm::StringRef castRoutine(mlir::Operation *op);
/// How an operand is read at the result's indices, where that can be an affine map: not if it is
/// unknown at compile time whether a dim is broadcast.
std::optional<mlir::AffineMap> broadcastMap(mlir::RankedTensorType operand, mlir::RankedTensorType result);
mlir::LogicalResult lowerView(LinalgBuilder &builder);
/// Reductions over `axes` (all, if there are none and not noopIfEmpty) of `data`, the op's first operand.
mlir::LogicalResult inferReduction(mlir::Operation *op, mlir::Value data, mlir::Value axes, bool keepDims,
                                   bool noopIfEmpty, ShapeBuilder &shapes, llvm::SmallVectorImpl<Shape> &results);
mlir::LogicalResult lowerReduction(mlir::Operation *op, mlir::Value data, mlir::Value axes, bool keepDims,
                                   bool noopIfEmpty, LinalgBuilder &builder, llvm::function_ref<Scalar(Scalar)> start,
                                   llvm::function_ref<Scalar(Scalar, Scalar)> step,
                                   llvm::function_ref<Scalar(Scalar, Scalar)> last);
/// Folds the elements that one result element stands for, each in the type of the state.
using FoldFn = llvm::function_ref<Scalar(Scalar init, llvm::function_ref<Scalar(Scalar, Scalar)> step)>;
/// The same for reductions that take more than one pass: `element` is one result element, from the number of elements.
mlir::LogicalResult lowerReduction(mlir::Operation *op, mlir::Value axes, bool keepDims, bool noopIfEmpty,
                                   LinalgBuilder &builder, llvm::function_ref<Scalar(FoldFn, mlir::Value)> element);

} // namespace fsc::detail

namespace fsc {

/// Sets the result types of a newly made op to what it infers; `known` types, where given, add what they know.
mlir::LogicalResult refineResultTypes(mlir::Operation *op, mlir::TypeRange known = {});

/// The type that holds for tensors of both types: sizes that differ are dynamic. Null if ranks or element types differ.
mlir::RankedTensorType joinTypes(mlir::RankedTensorType a, mlir::RankedTensorType b);
/// Whether `type` is a tensor of one signless integer of this width.
bool isOneElement(mlir::Type type, unsigned width);
/// Whether a routine of the runtime computes the op.
bool isRoutine(mlir::Operation *op);

} // namespace fsc

#endif // FSC_DIALECTS_FSC_FSCDIALECT_H
