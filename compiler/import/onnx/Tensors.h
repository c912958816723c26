//===- Tensors.h - ONNX types and tensors as MLIR's -------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_TENSORS_H
#define FSC_COMPILER_IMPORT_ONNX_TENSORS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/Error.h"

namespace onnx {
class SparseTensorProto;
class TensorProto;
class TypeProto;
} // namespace onnx

namespace fsc {

class OnnxModel;

/// "float16", "string", …: what ONNX calls the element type with this number.
std::string nameOfOnnxElement(int64_t code);
/// "tensor(float16)", "seq(tensor(string))", …
std::string nameOfOnnxType(const onnx::TypeProto &type);

/// A ranked tensor type with `shape`. Fails if a tensor of it would be larger than memory could ever be.
llvm::Expected<mlir::RankedTensorType> makeTensorType(llvm::ArrayRef<int64_t> shape, mlir::Type elementType);

/// The same for a type of ours.
std::string nameOfType(mlir::RankedTensorType type);

/// The type that ONNX writes as `type`, lists (Lists.h) among them. Fails if an element type is not supported; null if
/// the rank of a tensor is not known. Sizes that are named or negative are dynamic.
llvm::Expected<mlir::RankedTensorType> importType(mlir::MLIRContext *context, const onnx::TypeProto &type);
/// The same for a type in an attribute; an unranked one for a tensor whose rank is not known.
llvm::Expected<mlir::Type> importAnyType(mlir::MLIRContext *context, const onnx::TypeProto &type);
/// The other way round.
void exportType(mlir::RankedTensorType type, onnx::TypeProto &result);

/// The value of a tensor. What is larger than a few elements refers to the mapped file; or, if `persistent` says that
/// `tensor` lives as long as the model, to the tensor itself.
llvm::Expected<mlir::ElementsAttr> importTensor(mlir::MLIRContext *context, OnnxModel &model,
                                                const onnx::TensorProto &tensor, bool persistent);
/// The value of a sparse tensor, made dense.
llvm::Expected<mlir::ElementsAttr> importSparseTensor(mlir::MLIRContext *context, OnnxModel &model,
                                                      const onnx::SparseTensorProto &tensor);
/// A small constant as a tensor of ONNX; nothing if it is large or of a type for which nobody asks.
bool exportTensor(mlir::ElementsAttr elements, onnx::TensorProto &result);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_TENSORS_H
