//===- Importer.h - Building the graph --------------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The importer knows no operator by name, but for Constant and those of control flow. A node is, in this order:
//
//   a call of a function of the model      -> the function's body
//   If, Loop, Scan                         -> an op with regions (ImportControl.cpp)
//   an operator of a library given by the user -> fsc.custom (CustomOps.h)
//   Gradient                               -> the nodes of a derivative (ImportGradient.cpp)
//   in an old form, with a hook (Hooks.h)  -> the nodes that the hook makes of it
//   an operator with an fsc op (OpTable.h) -> that op
//   an operator that ONNX gives a body     -> the body
//   in an old form that ONNX can convert   -> the nodes that its version converter makes of it
//   not supported, which is reported; importing goes on, to report all at once
//
// A value that could not be imported is null; what reads it is checked as far as it
// can be and gives null again.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_IMPORTER_H
#define FSC_COMPILER_IMPORT_ONNX_IMPORTER_H

#include "compiler/import/onnx/Hooks.h"
#include "compiler/import/onnx/Import.h"
#include "compiler/import/onnx/Inference.h"
#include "compiler/import/onnx/OpTable.h"
#include "dialects/fsc/FscDialect.h"
#include "dialects/fsc/ops/Control.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"

namespace fsc {

struct CustomMatch;

class Importer {
public:
  Importer(mlir::MLIRContext *context, OnnxModel &model, const ImportOptions &options);

  /// Imports the model. The module is complete if there are no problems.
  mlir::OwningOpRef<mlir::ModuleOp> run();
  const Problems &getProblems() const { return problems; }

private:
  /// An input of a node: nothing if absent, null if it could not be imported.
  using Input = std::optional<mlir::Value>;

  /// The names of a graph, of a branch or body of control flow, or of a function's body while a call of it is imported.
  struct Scope {
    Opsets opsets;
    llvm::StringMap<Input> values;
    llvm::StringSet<> used;                             // what nodes or the outputs read
    llvm::StringMap<const onnx::TensorProto *> tensors; // constants that nothing has read yet
    llvm::StringMap<const onnx::SparseTensorProto *> sparseTensors;
    std::optional<mlir::Location> caller;    // the node whose function this is
    const onnx::GraphProto *graph = nullptr; // whose nodes these are; none in a function
    bool persistent = false;                 // the nodes live as long as the model
    int depth = 0;
    Scope *parent = nullptr;          // the graph around this one, whose names it sees
    mlir::Operation *owner = nullptr; // the op, in the parent, in whose region this graph is; none if it is in line
  };

  /// A node on its way to an op.
  struct Node {
    const onnx::NodeProto &proto;
    const onnx::OpSchema *schema = nullptr; // null for operators that ONNX does not know
    mlir::Location loc;
    int version = 0;
    llvm::SmallVector<Input> inputs;

    bool isKnown() const {
      return llvm::all_of(inputs, [](const Input &input) { return !input || *input; });
    }
    /// The inputs, null where absent; for a node whose inputs are known.
    llvm::SmallVector<mlir::Value> values() const {
      return llvm::map_to_vector(inputs, [](const Input &input) { return input.value_or(mlir::Value()); });
    }
  };

  // ImportGraph.cpp
  void collectFunctions();
  bool importOpsets(Scope &scope);
  void importInputs(Scope &scope);
  void importConstants(Scope &scope, const onnx::GraphProto &graph);
  void importNodes(Scope &scope, const onnx::GraphProto &graph);
  void importOutputs(Scope &scope);
  mlir::RankedTensorType importInputType(const onnx::ValueInfoProto &info, mlir::Location loc,
                                         llvm::SmallVectorImpl<mlir::Attribute> &names);
  std::optional<int64_t> boundSize(llvm::StringRef name) const;
  void checkBindings();
  void checkDimName(llvm::StringRef name);
  void importRanges();
  void checkCounts();
  void checkDeclared(const onnx::ValueInfoProto &info, mlir::RankedTensorType type, mlir::Location loc);
  void define(Scope &scope, llvm::StringRef name, Input value, mlir::Location loc);
  Input lookup(Scope &scope, llvm::StringRef name, mlir::Location user);
  Input defineConstant(Scope &scope, llvm::StringRef name, llvm::Expected<mlir::ElementsAttr> value,
                       mlir::Location loc);

  // ImportNode.cpp
  void importNode(const onnx::NodeProto &proto, Scope &scope, bool upgraded = false);
  void importKnownNode(Node &node, Scope &scope, bool upgraded);
  bool checkLists(Node &node, Scope &scope);
  bool upgradeNode(Node &node, Scope &scope, Hook hook);
  llvm::Error findBlocks(Upgrade &upgrade);
  bool upgradeContribNode(Node &node, Scope &scope, const ContribEntry &entry);
  bool convertNode(Node &node, Scope &scope, int version);
  void importUpgraded(Node &node, const Upgrade &upgrade, Scope &scope);
  void importConstant(Node &node, Scope &scope);
  void createOp(Node &node, const OpEntry &entry, Scope &scope);
  bool checkForm(Node &node, const OpEntry &entry, Scope &scope);
  bool importAttributes(Node &node, const OpEntry &entry, Scope &scope, mlir::OperationState &state);
  llvm::Expected<mlir::Attribute> importAttribute(const onnx::AttributeProto &attribute, bool persistent);
  bool inferTypes(Node &node, Scope &scope, llvm::SmallVectorImpl<mlir::Type> &types);
  bool finishOp(Node &node, mlir::Operation *op, mlir::TypeRange known);
  void refuse(Node &node, Scope &scope, Code code, const llvm::Twine &reason, const llvm::Twine &remedy = "");
  void refuse(Node &node, Scope &scope, Code otherwise, llvm::Error error, const llvm::Twine &remedy = "");
  void refuseUnsupported(Node &node, Scope &scope);
  void warnOfIgnored(const Node &node, const Upgrade &upgrade);
  void defineUnknown(const Node &node, Scope &scope);

  // ImportControl.cpp
  /// What fills the body of a loop: gives what it yields, or fails with a problem.
  using BodyFn = llvm::function_ref<bool(LoopOp loop, llvm::SmallVectorImpl<mlir::Value> &yields)>;
  struct ScanForm;

  bool importControl(Node &node, Scope &scope);
  void importIf(Node &node, Scope &scope);
  bool joinBranches(Node &node, IfOp op, Scope &scope);
  void takeBranch(Node &node, mlir::Region &branch, mlir::Operation *before, Scope &scope);
  void importLoop(Node &node, Scope &scope);
  bool wrapOptional(Node &node, mlir::Value argument, mlir::Value &yielded);
  void importScan(Node &node, Scope &scope);
  void importBatchedScan(Node &node, Scope &scope);
  std::optional<ScanForm> readScan(Node &node);
  bool scan(Node &node, const ScanForm &form, Scope &scope, llvm::SmallVectorImpl<mlir::Value> &results);
  bool checkLengths(Node &node, const ScanForm &form, mlir::Value length);
  Scope nest(Scope &scope, mlir::Operation *owner);
  bool importBody(const Node &node, const onnx::GraphProto &graph, llvm::ArrayRef<mlir::Value> arguments, Scope &inner,
                  llvm::SmallVectorImpl<mlir::Value> &results);
  void diagnoseBody(const Node &node, const onnx::GraphProto &graph, Scope &scope);
  LoopOp buildLoop(Node &node, mlir::Value tripCount, mlir::Value condition, mlir::ValueRange initial,
                   mlir::RankedTensorType iterationType, BodyFn body);
  void forget(mlir::Operation *op);
  mlir::Value make(Node &node, llvm::StringRef op, mlir::ValueRange operands,
                   llvm::ArrayRef<mlir::NamedAttribute> attributes = {});
  mlir::Value makeIntegers(mlir::Location loc, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> values);
  mlir::Value makeTrue(mlir::Location loc);
  mlir::Value makeSize(Node &node, mlir::Value tensor, int64_t axis);
  mlir::Value makeSlice(Node &node, mlir::Value tensor, mlir::Value index, int64_t axis);

  // ImportCustom.cpp
  bool importCustom(Node &node, Scope &scope);
  void createCustom(Node &node, const CustomMatch &custom, Scope &scope);

  // ImportGradient.cpp
  void importGradient(Node &node, Scope &scope);

  // ImportFunction.cpp
  const onnx::FunctionProto *findFunction(const onnx::NodeProto &proto) const;
  void inlineFunction(Node &node, const onnx::FunctionProto &function, Scope &scope);
  bool inlineBody(Node &node, Scope &scope);

  mlir::MLIRContext *context;
  OnnxModel &model;
  const onnx::ModelProto &proto;
  const ImportOptions &options;
  mlir::OpBuilder builder;
  ShapeBuilder shapes;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::Block *body = nullptr;
  llvm::StringMap<const onnx::FunctionProto *> functions;
  llvm::StringSet<> symbols; // named dims of the inputs
  Problems problems{options.strict};
  int64_t numNodes = 0;
  std::optional<int64_t> channelBlock; // of the model, once it was asked for
};

/// Whether a node is the derivative of a part of its graph.
bool isGradient(const onnx::NodeProto &node);
/// The names that a node reads, those that graphs in its attributes read from around them among them.
void collectReads(const onnx::NodeProto &node, llvm::StringSet<> &names);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_IMPORTER_H
