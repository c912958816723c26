//===- FoldConstants.cpp - Constant parts of the graph, computed ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every op whose operands are constants is computed by fsc's own code, so that
// no op needs a second implementation. What would make the artefact much
// larger, or take long, is left for run time.
//
//===----------------------------------------------------------------------===//

#include "compiler/evaluate/Evaluator.h"

#include "compiler/Pipeline.h"
#include "dialects/fsc/FscDialect.h"
#include "dialects/fsc/ops/Kernel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "runtime/src/routines/Table.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace fsc {

namespace {

/// Work beyond this is left for run time: seconds of the reference lowering.
constexpr double maxFlops = 2e9;
/// A result that is larger than this is computed at run time if its operands are much smaller.
constexpr int64_t maxGrowthBytes = int64_t(1) << 20;

int64_t tensorBytes(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  // What a routine will make of its operands is not more than a few times as large.
  if (!type.hasStaticShape())
    return 0;
  return type.getNumElements() * storageBytes(type.getElementType());
}

struct FoldConstants : PassWrapper<FoldConstants, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FoldConstants)
  StringRef getArgument() const override { return "fsc-fold-constants"; }
  StringRef getDescription() const override {
    return "compute all ops that have only constants for operands, in one batch";
  }

  /// All that the phases need, which run inside this pass: functions are folded in parallel, when none can be loaded.
  void getDependentDialects(DialectRegistry &registry) const override { registerDialects(registry); }

  void runOnOperation() override {
    // What a routine gives has a shape then, and so more may be constant.
    constexpr int maxRounds = 16;
    bool again = true;
    for (int round = 0; round < maxRounds && again; ++round)
      if (failed(foldOnce(again)) || (again && failed(inferTypes())))
        return signalPassFailure();
  }

  LogicalResult foldOnce(bool &refined) {
    refined = false;
    llvm::SetVector<Operation *> constant = findConstantOps();
    auto isNested = [&](Operation *op) { return op->getParentOp() != getOperation(); };
    if (llvm::any_of(constant, isNested)) {
      // What would fail in a branch or loop may never be run.
      ScopedDiagnosticHandler quiet(&getContext(), [](Diagnostic &) { return success(); });
      if (succeeded(fold(constant, refined)))
        return success();
      constant.remove_if(isNested);
    }
    return fold(constant, refined);
  }

  /// `refined` says whether a result has a shape that was not known.
  LogicalResult fold(const llvm::SetVector<Operation *> &constant, bool &refined) {
    SmallVector<Value> wanted;
    for (Operation *op : constant)
      for (Value result : op->getResults())
        if (llvm::any_of(result.getUsers(), [&](Operation *user) { return !constant.contains(user); }))
          wanted.push_back(result);
    if (wanted.empty())
      return success();
    OwningOpRef<ModuleOp> graph = cloneGraph(constant, wanted);
    FailureOr<SmallVector<ElementsAttr>> values = evaluate(*graph);
    if (failed(values))
      return failure();
    for (auto [value, elements] : llvm::zip(wanted, *values)) {
      OpBuilder builder(value.getDefiningOp());
      Value folded = ConstantOp::create(builder, value.getLoc(), elements.getType(), cast<TypedAttr>(elements));
      refined |= folded.getType() != value.getType();
      value.replaceUsesWithIf(folded, [&](OpOperand &use) { return !constant.contains(use.getOwner()); });
    }
    for (Operation *op : llvm::reverse(constant))
      op->erase();
    return success();
  }

  LogicalResult inferTypes() {
    func::FuncOp function = getOperation();
    for (Operation &op : function.front().without_terminator())
      if (isa<FscOpInterface>(op) && failed(refineResultTypes(&op, SmallVector<Type>(op.getResultTypes()))))
        return failure();
    function.setType(FunctionType::get(&getContext(), function.front().getArgumentTypes(),
                                       function.front().getTerminator()->getOperandTypes()));
    return success();
  }

  llvm::SetVector<Operation *> findConstantOps() {
    llvm::SetVector<Operation *> constant;
    double flops = 0;
    getOperation().walk([&](FscOpInterface interface) {
      Operation &op = *interface;
      // The routines of runtime modules are not here.
      if (op.getNumResults() == 0 || !isPure(&op) ||
          (isRoutine(&op) && !runtime::findRoutine(interface.getRoutine().str().c_str())))
        return;
      auto isConstant = [&](Value operand) {
        Operation *producer = operand.getDefiningOp();
        return producer && (isa<ConstantOp>(producer) || constant.contains(producer));
      };
      auto isStatic = [&](Type type) { return isRoutine(&op) || cast<RankedTensorType>(type).hasStaticShape(); };
      // A string or list has a number only in the run of the whole model; complex numbers are only moved.
      auto isOpaque = [](Type type) {
        Type element = cast<RankedTensorType>(type).getElementType();
        return isa<StringType, ComplexType>(element) || isListType(element);
      };
      if (!llvm::all_of(op.getOperands(), isConstant) || !llvm::all_of(op.getResultTypes(), isStatic) ||
          llvm::any_of(op.getOperandTypes(), isOpaque) || llvm::any_of(op.getResultTypes(), isOpaque))
        return;
      int64_t in = 0, out = 0;
      for (Value operand : op.getOperands())
        in += tensorBytes(operand);
      for (Value result : op.getResults())
        out += tensorBytes(result);
      if (flops + interface.countFlops() > maxFlops || (out > maxGrowthBytes && out > 2 * in))
        return;
      flops += interface.countFlops();
      constant.insert(&op);
    });
    return constant;
  }

  /// The constant ops as a graph of their own, with the wanted values as results.
  OwningOpRef<ModuleOp> cloneGraph(const llvm::SetVector<Operation *> &constant, ArrayRef<Value> wanted) {
    Location loc = getOperation().getLoc();
    OwningOpRef<ModuleOp> graph(ModuleOp::create(loc, "constants"));
    OpBuilder builder = OpBuilder::atBlockBegin(graph->getBody());
    SmallVector<Type> types = llvm::map_to_vector(wanted, [](Value value) { return value.getType(); });
    auto main = func::FuncOp::create(builder, loc, "main", builder.getFunctionType({}, types));
    builder.setInsertionPointToStart(main.addEntryBlock());
    IRMapping mapping;
    for (Operation *op : constant) {
      for (Value operand : op->getOperands())
        if (!mapping.contains(operand))
          mapping.map(operand, builder.clone(*operand.getDefiningOp())->getResult(0));
      builder.clone(*op, mapping);
    }
    func::ReturnOp::create(builder, loc,
                           llvm::map_to_vector(wanted, [&](Value value) { return mapping.lookup(value); }));
    return graph;
  }
};

} // namespace

std::unique_ptr<Pass> createFoldConstants() { return std::make_unique<FoldConstants>(); }

void registerFoldConstants() { PassRegistration<FoldConstants>(); }

} // namespace fsc
