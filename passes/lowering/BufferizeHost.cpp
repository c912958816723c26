//===- BufferizeHost.cpp - Buffers for tensors, functions for kernels -----===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites @main op by op, in order. Every kernel result gets a buffer of its
// own: the caller's, if it is a result of the model; otherwise one of static
// size, which PlanArena places, or one that is allocated when its size is
// known.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Control.h"
#include "dialects/fsc/ops/Custom.h"
#include "dialects/fsc/ops/Host.h"
#include "dialects/fsc/ops/Kernel.h"
#include "passes/lowering/HostBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/raw_ostream.h"

namespace fsc {
#define GEN_PASS_DEF_BUFFERIZEHOST
#include "passes/lowering/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {

MemRefType bufferType(RankedTensorType type) {
  return MemRefType::get(type.getShape(), storageType(type.getElementType()));
}

int64_t byteSize(MemRefType type) {
  return type.getNumElements() * std::max<int64_t>(1, type.getElementTypeBitWidth() / 8);
}

LogicalResult HostBuilder::convertFunction(Block &block) {
  Operation *returned = block.getTerminator();
  for (BlockArgument argument : block.getArguments())
    buffers.map(argument,
                InputOp::create(builder, argument.getLoc(), bufferType(cast<RankedTensorType>(argument.getType())),
                                uint64_t(argument.getArgNumber()))
                    .getBuffer());
  for (OpOperand &operand : returned->getOpOperands())
    outputs[operand.get()] = operand.getOperandNumber();
  if (failed(convertBlock(block)))
    return failure();
  func::ReturnOp::create(builder, returned->getLoc());
  return success();
}

LogicalResult HostBuilder::convertBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(convert(&op)))
      return failure();
  return success();
}

LogicalResult HostBuilder::convert(Operation *op) {
  Location loc = op->getLoc();
  if (auto constant = dyn_cast<ConstantOp>(op)) {
    ElementsAttr elements = storedElements(cast<ElementsAttr>(constant.getValue()));
    buffers.map(op->getResult(0), WeightOp::create(builder, loc, bufferType(cast<RankedTensorType>(constant.getType())),
                                                   elements, nullptr)
                                      .getBuffer());
  } else if (isRoutine(op)) {
    convertRoutine(cast<FscOpInterface>(op));
  } else if (auto kernel = dyn_cast<KernelOp>(op)) {
    convertKernel(kernel);
  } else if (auto view = dyn_cast<ViewOp>(op)) {
    convertView(view);
  } else if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    convertDim(dim);
  } else if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
    SmallVector<Value> indices = llvm::map_to_vector(extract.getIndices(), [&](Value v) { return number(v); });
    values.map(extract.getResult(),
               memref::LoadOp::create(builder, loc, buffers.lookup(extract.getTensor()), indices).getResult());
  } else if (isa<tensor::EmptyOp>(op)) {
    // Its sizes are looked up where a kernel writes to it.
  } else if (auto branch = dyn_cast<IfOp>(op)) {
    return convertIf(branch);
  } else if (auto loop = dyn_cast<LoopOp>(op)) {
    return convertLoop(loop);
  } else if (isa<CheckOp>(op) || isa<arith::ArithDialect>(op->getDialect())) {
    builder.clone(*op, values);
  } else {
    return op->emitOpError("expected a kernel, a view, a routine, control flow, a constant or arithmetic on sizes");
  }
  return success();
}

void HostBuilder::convertDim(tensor::DimOp dim) {
  // Destinations of kernels have no buffer before the kernel; their sizes are operands.
  Value source = dim.getSource();
  int64_t axis = *dim.getConstantIndex();
  if (auto empty = source.getDefiningOp<tensor::EmptyOp>()) {
    values.map(dim.getResult(), values.lookup(empty.getDynamicSizes()[empty.getType().getDynamicDimIndex(axis)]));
    return;
  }
  Value index = arith::ConstantIndexOp::create(builder, dim.getLoc(), axis);
  values.map(dim.getResult(), memref::DimOp::create(builder, dim.getLoc(), buffers.lookup(source), index).getResult());
}

void HostBuilder::convertView(ViewOp view) {
  Location loc = view.getLoc();
  MemRefType type = bufferType(view.getType());
  SmallVector<Value> sizes = llvm::map_to_vector(view.getSizes(), [&](Value v) { return number(v); });
  Value source = buffers.lookup(view.getSource());
  if (!type.hasStaticShape() || !cast<MemRefType>(source.getType()).hasStaticShape())
    checkElements(loc, source, type, sizes);
  buffers.map(view.getResult(), BufferViewOp::create(builder, loc, type, source, sizes).getResult());
}

/// Ends the run if the number of elements would not be a number: sizes of a user wrap around. Floats do not.
void HostBuilder::checkProduct(Location loc, MemRefType type, ValueRange sizes) {
  constexpr double most = double(int64_t(1) << 48);
  double known = 1;
  for (int64_t size : type.getShape())
    known *= ShapedType::isDynamic(size) ? 1 : double(std::max<int64_t>(size, 1));
  Value count = arith::ConstantOp::create(builder, loc, builder.getF64FloatAttr(known));
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  for (Value size : sizes) {
    Value natural = arith::MaxSIOp::create(builder, loc, size, one);
    Value wide = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), natural);
    Value factor = arith::SIToFPOp::create(builder, loc, builder.getF64Type(), wide);
    count = arith::MulFOp::create(builder, loc, count, factor);
  }
  Value limit = arith::ConstantOp::create(builder, loc, builder.getF64FloatAttr(most));
  Value fits = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLE, count, limit);
  CheckOp::create(builder, loc, fits, "a tensor is given more elements than memory holds");
}

/// Ends the run unless a buffer of these sizes has as many elements as `source`.
void HostBuilder::checkElements(Location loc, Value source, MemRefType type, ValueRange sizes) {
  auto product = [&](MemRefType memref, llvm::function_ref<Value(int64_t)> dynamic) {
    Value count;
    for (int64_t axis = 0; axis < memref.getRank(); ++axis) {
      Value size = memref.isDynamicDim(axis)
                       ? dynamic(axis)
                       : arith::ConstantIndexOp::create(builder, loc, memref.getDimSize(axis)).getResult();
      count = count ? builder.createOrFold<arith::MulIOp>(loc, count, size) : size;
    }
    return count ? count : arith::ConstantIndexOp::create(builder, loc, 1).getResult();
  };
  if (!sizes.empty())
    checkProduct(loc, type, sizes);
  Value have = product(cast<MemRefType>(source.getType()), [&](int64_t axis) -> Value {
    Value index = arith::ConstantIndexOp::create(builder, loc, axis);
    return memref::DimOp::create(builder, loc, source, index);
  });
  Value want = product(type, [&](int64_t axis) { return sizes[type.getDynamicDimIndex(axis)]; });
  Value same = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, have, want);
  CheckOp::create(builder, loc, same, "a tensor is given a shape with another number of elements");
  for (Value size : sizes) {
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value legal = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, size, zero);
    CheckOp::create(builder, loc, legal, "a tensor is given a negative size");
  }
}

void HostBuilder::convertKernel(KernelOp kernel) {
  Location loc = kernel.getLoc();
  SymbolRefAttr callee = outline(kernel);
  SmallVector<Value> inputs, results;
  for (Value input : kernel.getInputs())
    inputs.push_back(buffers.lookup(input));
  for (auto [result, init] : llvm::zip(kernel.getResults(), kernel.getInits())) {
    auto empty = init.getDefiningOp<tensor::EmptyOp>();
    SmallVector<Value> sizes = llvm::map_to_vector(empty.getDynamicSizes(), [&](Value v) { return number(v); });
    Value &place = places[result];
    MemRefType type = bufferType(cast<RankedTensorType>(result.getType()));
    if (auto index = outputs.find(result); index != outputs.end())
      place = OutputOp::create(builder, loc, type, uint64_t(index->second), sizes);
    else if (!place)
      place = AllocateOp::create(builder, loc, type, sizes);
    buffers.map(result, place);
    results.push_back(place);
  }
  LaunchOp::create(builder, loc, callee, inputs, results);
}

/// Strings are stored as their numbers: 0 is the empty one, then come all others in order of appearance.
ElementsAttr HostBuilder::storedElements(ElementsAttr elements) {
  auto texts = dyn_cast<DenseStringElementsAttr>(elements);
  if (!texts)
    return elements;
  SmallVector<int64_t> numbers;
  for (StringRef text : texts.getValues<StringRef>()) {
    if (!text.empty())
      strings.insert(text);
    numbers.push_back(text.empty() ? 0 : int64_t(llvm::find(strings, text) - strings.begin()) + 1);
  }
  auto type = RankedTensorType::get(elements.getShapedType().getShape(), builder.getI64Type());
  return DenseElementsAttr::get(type, ArrayRef<int64_t>(numbers));
}

void HostBuilder::convertRoutine(FscOpInterface op) {
  SmallVector<Value> inputs;
  SmallVector<int32_t> given, wanted;
  SmallVector<int64_t> results;
  SmallVector<Type> types;
  auto dtype = [](Value value) { return abiElementOfType(cast<RankedTensorType>(value.getType()).getElementType()); };
  auto custom = dyn_cast<CustomOp>(*op);
  SmallVector<int32_t> counts(op->getNumOperands(), 1);
  if (auto segments = op->getAttrOfType<DenseI32ArrayAttr>("operandSegmentSizes"))
    counts.assign(segments.asArrayRef().begin(), segments.asArrayRef().end());
  if (custom)
    counts.assign(custom.getPlaces().begin(), custom.getPlaces().end());
  for (int32_t count : counts) {
    if (count == 0)
      given.push_back(0);
    for (int32_t i = 0; i < count; ++i) {
      Value operand = op->getOperand(inputs.size());
      given.push_back(dtype(operand));
      inputs.push_back(buffers.lookup(operand));
    }
  }
  for (Value result : op->getResults()) {
    bool used = !result.use_empty();
    auto output = outputs.find(result);
    wanted.push_back(used ? dtype(result) : 0);
    results.push_back(output != outputs.end() ? int64_t(output->second) : -1);
    if (used)
      types.push_back(bufferType(cast<RankedTensorType>(result.getType())));
  }
  NamedAttrList settings(custom ? custom.getSettings() : op->getAttrDictionary());
  settings.erase("operandSegmentSizes");
  auto call =
      CallRoutineOp::create(builder, op.getLoc(), types, op.getRoutine(), settings.getDictionary(module.getContext()),
                            given, wanted, results, custom ? custom.getLibraryAttr() : StringAttr(), inputs);
  unsigned next = 0;
  for (Value result : op->getResults())
    if (!result.use_empty())
      buffers.map(result, call.getResult(next++));
}

/// The kernel's body as a function in a module of its own; that of an equal kernel if there is one.
SymbolRefAttr HostBuilder::outline(KernelOp kernel) {
  MLIRContext *context = module.getContext();
  auto function = func::FuncOp::create(kernel.getLoc(), "kernel",
                                       FunctionType::get(context, kernel->getOperandTypes(), kernel->getResultTypes()));
  function->setAttr(kAnchorAttr, kernel.getAnchorAttr());
  if (kernel.getSchedule())
    function->setAttr(kScheduleAttr, *kernel.getSchedule());
  double flops = 0;
  for (Operation &op : kernel.getBlock())
    if (auto interface = dyn_cast<FscOpInterface>(op))
      flops += interface.countFlops();
  function->setAttr(kFlopsAttr, FloatAttr::get(Float64Type::get(context), flops));
  IRMapping mapping;
  Block *block = function.addEntryBlock();
  mapping.map(kernel.getBlock().getArguments(), block->getArguments());
  OpBuilder inner = OpBuilder::atBlockBegin(block);
  for (Operation &op : kernel.getBlock().without_terminator())
    inner.clone(op, mapping);
  SmallVector<Value> results =
      llvm::map_to_vector(kernel.getBlock().getTerminator()->getOperands(), [&](Value v) { return mapping.lookup(v); });
  func::ReturnOp::create(inner, kernel.getLoc(), results);

  std::string text;
  llvm::raw_string_ostream stream(text);
  function.print(stream, OpPrintingFlags().useLocalScope());
  auto [entry, isNew] = kernels.try_emplace(text);
  if (!isNew) {
    function.erase();
    ++*numShared;
    return entry->second;
  }
  std::string name = kernelName(kernel);
  function.setName(name);
  OpBuilder top = OpBuilder::atBlockEnd(module.getBody());
  auto module = ModuleOp::create(top, kernel.getLoc(), StringRef(name));
  module->setAttr(kKernelIndexAttr, top.getI64IntegerAttr(kernels.size() - 1));
  if (std::optional<ScheduleAttr> schedule = kernel.getSchedule())
    module->setAttr(kCostAttr, top.getI64IntegerAttr(schedule->getCost()));
  module.push_back(function);
  entry->second = SymbolRefAttr::get(context, name, FlatSymbolRefAttr::get(context, name));
  return entry->second;
}

std::string HostBuilder::kernelName(KernelOp kernel) {
  Operation *anchor = kernel.getAnchorOp();
  StringRef op = anchor ? anchor->getName().stripDialect() : stringifyAnchor(kernel.getAnchor());
  return ("k" + Twine(kernels.size() - 1) + "_" + op).str();
}

namespace {

struct BufferizeHost : impl::BufferizeHostBase<BufferizeHost> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main) {
      getOperation().emitError("expected a function @main");
      return signalPassFailure();
    }
    Block &old = main.front();
    auto replacement = func::FuncOp::create(main.getLoc(), "main", FunctionType::get(&getContext(), {}, {}));
    // What the signature says is kept for the descriptor.
    replacement->setAttr("fsc.signature", TypeAttr::get(main.getFunctionType()));
    replacement->setAttr(kArgumentsAttr,
                         main.getArgAttrsAttr() ? main.getArgAttrsAttr() : emptyDicts(main.getNumArguments()));
    replacement->setAttr("fsc.results",
                         main.getResAttrsAttr() ? main.getResAttrsAttr() : emptyDicts(main.getNumResults()));
    if (Attribute ranges = main->getAttr(kRangesAttr))
      replacement->setAttr(kRangesAttr, ranges);
    getOperation().getBody()->getOperations().insert(Block::iterator(main), replacement);
    HostBuilder host(getOperation(), replacement.addEntryBlock(), &numShared);
    if (failed(host.convertFunction(old)))
      return signalPassFailure();
    if (!host.getStrings().empty())
      replacement->setAttr(kStringsAttr, Builder(&getContext()).getStrArrayAttr(host.getStrings()));
    main.erase();
  }

  ArrayAttr emptyDicts(unsigned count) {
    return ArrayAttr::get(&getContext(), SmallVector<Attribute>(count, DictionaryAttr::get(&getContext())));
  }
};

} // namespace
} // namespace fsc
