//===- MlHooks.h - Operators of ai.onnx.ml ----------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the hooks of ai.onnx.ml share: attributes that are lists, and nodes that
// are expressions.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_MLHOOKS_H
#define FSC_COMPILER_IMPORT_ONNX_MLHOOKS_H

#include "compiler/import/onnx/Hooks.h"

namespace fsc {

/// An upgrade to nodes of ONNX's own domain, written as expressions over the names of values.
class MlUpgrade {
public:
  explicit MlUpgrade(Upgrade &upgrade) : upgrade(upgrade) { upgrade.opset = 22; }

  Upgrade &upgrade;

  llvm::ArrayRef<float> floats(llvm::StringRef name) const;
  std::string text(llvm::StringRef name, llvm::StringRef otherwise) const;

  /// The result of a new node.
  std::string op(llvm::StringRef op, llvm::ArrayRef<std::string> inputs);
  std::string op(llvm::StringRef op, llvm::ArrayRef<std::string> inputs,
                 llvm::ArrayRef<std::pair<llvm::StringRef, int64_t>> attributes);
  std::string cast(const std::string &x, int64_t elementType);
  /// A matrix of constants.
  std::string matrix(llvm::ArrayRef<float> elements, int64_t columns);
  std::string number(float value) { return upgrade.floats("number", value); }
  /// An input as f32.
  std::string real(int index = 0);
  /// Gives the node's output a value.
  void finish(int output, const std::string &value);

  /// Scores, in rows of two or more, as an attribute post_transform says.
  llvm::Expected<std::string> transform(const std::string &scores, llvm::StringRef how);
  /// The first of the largest in each row.
  std::string largest(const std::string &rows) { return op("ArgMax", {rows}, {{"axis", 1}, {"keepdims", 0}}); }
  /// The probabilities of the classes from the scores of their pairs, by the attributes prob_a and prob_b.
  llvm::Expected<std::string> probabilities(const std::string &scores, size_t classes);
};

/// Hooks for what is learned: linear models, support vectors, trees.
llvm::ArrayRef<HookEntry> modelHooks();

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_MLHOOKS_H
