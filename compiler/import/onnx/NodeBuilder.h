//===- NodeBuilder.h - Graphs in place of a node ----------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What hooks that make whole graphs are written with: each call adds a node of
// ONNX's newest opset and gives the name of its value.
//
//   std::string b = build.op("Transpose", {build.input(1)}, {attr("perm", {1, 0})});
//   build.result(0, "MatMul", {build.input(0), b});
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_NODEBUILDER_H
#define FSC_COMPILER_IMPORT_ONNX_NODEBUILDER_H

#include "compiler/import/onnx/Hooks.h"

#include "mlir/IR/BuiltinTypes.h"

#include <initializer_list>

namespace fsc {

onnx::AttributeProto attr(const char *name, int64_t value);
onnx::AttributeProto attr(const char *name, float value);
onnx::AttributeProto attr(const char *name, const char *value);
onnx::AttributeProto attr(const char *name, llvm::ArrayRef<int64_t> values);

class NodeBuilder {
public:
  using Names = llvm::ArrayRef<std::string>;
  using Attributes = llvm::ArrayRef<onnx::AttributeProto>;

  explicit NodeBuilder(Upgrade &upgrade) : upgrade(upgrade) { upgrade.opset = opset; }

  /// The opset of the nodes.
  static constexpr int opset = 24;

  //===--- The node -------------------------------------------------------===//

  /// The name of an input or output; empty if it is absent.
  std::string input(int index) const;
  std::string output(int index) const;
  bool hasInput(int index) const { return !input(index).empty(); }
  /// Whether something reads an output.
  bool isWanted(int index) const;
  /// The type of an input; null if it is absent or not known.
  mlir::RankedTensorType type(int index) const { return upgrade.type(index); }
  /// The element type of an input, or null; its rank, or -1; a size, or ShapedType::kDynamic.
  mlir::Type element(int index) const;
  int64_t rank(int index) const;
  int64_t staticSize(int index, int64_t axis) const;

  int64_t integer(llvm::StringRef name, int64_t otherwise) const { return upgrade.integer(name, otherwise); }
  float real(llvm::StringRef name, float otherwise) const;
  std::string text(llvm::StringRef name, llvm::StringRef otherwise = "") const;
  /// The attributes of these names that the node has.
  llvm::SmallVector<onnx::AttributeProto> attributes(llvm::ArrayRef<llvm::StringRef> names) const;
  /// Fails if an attribute has another value than the one that is supported.
  llvm::Error expectInteger(llvm::StringRef name, int64_t supported) const;
  /// Fails if an input has another rank, or another size than a wanted one, where both are known.
  llvm::Error expectSizes(int index, const char *name, llvm::ArrayRef<int64_t> wanted) const;
  /// Fails if one of the inputs is given.
  llvm::Error expectAbsent(llvm::ArrayRef<std::pair<int, const char *>> inputs) const;

  //===--- Nodes ----------------------------------------------------------===//

  /// Adds a node. Absent inputs at its end are left out.
  std::string op(llvm::StringRef name, Names inputs, Attributes attributes = {});
  llvm::SmallVector<std::string> ops(llvm::StringRef name, Names inputs, int results, Attributes attributes = {});
  /// Adds the node whose first result is an output of the replaced one.
  void result(int index, llvm::StringRef name, Names inputs, Attributes attributes = {});
  /// Makes a value an output, if that is wanted.
  void result(int index, const std::string &value);

  //===--- Constants ------------------------------------------------------===//

  std::string ints(llvm::ArrayRef<int64_t> values) { return upgrade.vector("ints", values); }
  /// A scalar of int64.
  std::string integerScalar(int64_t value);
  std::string scalar(double value, mlir::Type type) { return upgrade.scalar("scalar", value, type); }
  std::string f32(float value);

  //===--- Short forms ----------------------------------------------------===//

  std::string add(const std::string &a, const std::string &b) { return op("Add", {a, b}); }
  std::string sub(const std::string &a, const std::string &b) { return op("Sub", {a, b}); }
  std::string mul(const std::string &a, const std::string &b) { return op("Mul", {a, b}); }
  std::string where(const std::string &condition, const std::string &a, const std::string &b) {
    return op("Where", {condition, a, b});
  }
  std::string cast(const std::string &x, mlir::Type type);
  std::string castTo(const std::string &x, onnx::TensorProto::DataType type);
  /// Dims of 0 are those of x, one of -1 is what is left.
  std::string reshape(const std::string &x, llvm::ArrayRef<int64_t> dims);
  std::string reshapeTo(const std::string &x, const std::string &dims);
  std::string transpose(const std::string &x, llvm::ArrayRef<int64_t> perm);
  std::string unsqueeze(const std::string &x, llvm::ArrayRef<int64_t> axes);
  std::string squeeze(const std::string &x, llvm::ArrayRef<int64_t> axes);
  std::string concat(Names parts, int64_t axis);
  /// x from `start` up to `end` along an axis; those are vectors of one int64.
  std::string slice(const std::string &x, const std::string &start, const std::string &end, int64_t axis);
  /// The size of x along an axis, a vector of one int64.
  std::string size(const std::string &x, int64_t axis);
  /// 0, 1, ... below the only element of `count`.
  std::string range(const std::string &count);

  Upgrade &upgrade;
};

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_NODEBUILDER_H
