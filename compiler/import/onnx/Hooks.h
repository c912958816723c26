//===- Hooks.h - Nodes whose old form differs -------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The exceptions to the importer's table: an operator of which an old version has
// another form (an attribute that became an input, say) has a hook that rewrites a
// node in the old form to nodes in the newest one.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_HOOKS_H
#define FSC_COMPILER_IMPORT_ONNX_HOOKS_H

#include "dialects/fsc/Shape.h"
#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"

#include <deque>
#include <functional>

namespace fsc {

/// A node in an old form, and what it becomes.
class Upgrade {
public:
  Upgrade(const onnx::NodeProto &node, int version, llvm::ArrayRef<std::optional<mlir::Value>> inputs,
          ShapeBuilder &shapes, size_t id, std::function<bool(llvm::StringRef)> isUsed)
      : node(node), version(version), isUsed(std::move(isUsed)), inputs(inputs), shapes(shapes), id(id) {}

  const onnx::NodeProto &node;
  /// The opset since which the node's operator is what it is.
  const int version;
  /// Whether something reads a value.
  const std::function<bool(llvm::StringRef)> isUsed;
  /// How many channels a block has (ChannelBlocks.h): 8, 16, or 0 if nothing tells.
  int64_t channelBlock = 0;
  /// The nodes in place of the old one, in their order, and the opset that they are of. None: nothing to do.
  std::deque<onnx::NodeProto> nodes;
  int opset = 0;

  bool hasInput(unsigned index) const { return index < inputs.size() && inputs[index]; }
  /// The type of an input; null if it is absent or not known.
  mlir::RankedTensorType type(unsigned index) const;
  /// The constant that an input is, or null; its elements.
  mlir::ElementsAttr constant(unsigned index) const;
  std::optional<llvm::SmallVector<int64_t>> integers(unsigned index) const;
  std::optional<llvm::SmallVector<double>> floats(unsigned index) const;

  const onnx::AttributeProto *attribute(llvm::StringRef name) const;
  /// The attributes of the node that nothing has asked for.
  llvm::SmallVector<llvm::StringRef> unreadAttributes() const;
  llvm::ArrayRef<int64_t> ints(llvm::StringRef name) const;
  int64_t integer(llvm::StringRef name, int64_t otherwise) const;

  /// A value of its own.
  std::string fresh(llvm::StringRef what);
  /// A constant: a vector of int64, or a scalar of the element type of the node's first input.
  std::string vector(llvm::StringRef what, llvm::ArrayRef<int64_t> values);
  std::string scalarLikeInput(llvm::StringRef what, float value);
  std::string scalar(llvm::StringRef what, double value, mlir::Type element);
  std::string floats(llvm::StringRef what, llvm::ArrayRef<float> values);

  onnx::NodeProto &add(llvm::StringRef op, llvm::ArrayRef<std::string> inputs, llvm::ArrayRef<std::string> outputs);
  /// Adds the node itself without these attributes.
  onnx::NodeProto &addCopy(llvm::ArrayRef<llvm::StringRef> without = {});

private:
  onnx::TensorProto &addConstant(const std::string &name);

  llvm::ArrayRef<std::optional<mlir::Value>> inputs;
  ShapeBuilder &shapes;
  size_t id;
  size_t numFresh = 0;
  mutable llvm::StringSet<> read; // names of attributes
};

/// An attribute of an If that a hook makes: what is wrong if the condition does not hold.
inline constexpr const char *reasonAttribute = "__reason";

void setAttribute(onnx::NodeProto &node, llvm::StringRef name, int64_t value);
void setAttribute(onnx::NodeProto &node, llvm::StringRef name, llvm::StringRef value);
/// Sets input `index`; inputs before it that the node does not have are absent.
void setInput(onnx::NodeProto &node, int index, const std::string &value);

/// Fails if the node has no newer form.
using Hook = llvm::Error (*)(Upgrade &);

/// The hook for an operator since `version`; null if there is none.
Hook findHook(llvm::StringRef op, llvm::StringRef domain, int version);

/// A hook for all versions of an operator.
struct HookEntry {
  llvm::StringRef op;
  Hook hook;
};
llvm::Error upgradeOpenSqueeze(Upgrade &upgrade);
llvm::Error upgradeCrossEntropy(Upgrade &upgrade);
llvm::ArrayRef<HookEntry> mlHooks();
llvm::ArrayRef<HookEntry> trainingHooks();

/// A hook for an operator of ONNX Runtime's own, of which ONNX has no definition, so that nothing has been checked.
struct ContribEntry {
  llvm::StringRef op;
  Hook hook;
  /// What the node may be given (ContribSignature.h).
  llvm::StringRef signature;
};
const ContribEntry *findContribHook(llvm::StringRef op, llvm::StringRef domain);

/// Upgrades a node, whose inputs are all known, by ONNX's version converter.
llvm::Error convertVersion(Upgrade &upgrade, int opset);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_HOOKS_H
