//===- Describe.cpp - What an artefact says about its model ---------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Describe.h"

#include "dialects/fsc/ops/Host.h"
#include "passes/lowering/Lowering.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace fsc {

namespace {

class Describer {
public:
  Describer(ModuleOp module, Description &description)
      : module(module), main(module.lookupSymbol<func::FuncOp>("main")), description(description),
        spec(description.spec) {}

  void run() {
    spec.name = module.getSymName().value_or("model").str();
    auto signature = cast<FunctionType>(main->getAttrOfType<TypeAttr>("fsc.signature").getValue());
    spec.inputs = values(signature.getInputs(), main->getAttrOfType<ArrayAttr>(kArgumentsAttr), "input");
    spec.outputs = values(signature.getResults(), main->getAttrOfType<ArrayAttr>("fsc.results"), "output");
    auto ranges = main->getAttrOfType<DictionaryAttr>(kRangesAttr);
    for (StringRef symbol : symbols) {
      spec.symbols.push_back(symbol.str());
      auto range = ranges ? ranges.getAs<DenseI64ArrayAttr>(symbol) : DenseI64ArrayAttr();
      if (ranges)
        spec.ranges.emplace_back(range ? range[0] : 0, range ? range[1] : INT64_MAX);
    }
    spec.arenaBytes = main->getAttrOfType<IntegerAttr>(kArenaBytesAttr).getInt();
    spec.weightsBytes = main->getAttrOfType<IntegerAttr>(kWeightsBytesAttr).getInt();
    if (auto strings = main->getAttrOfType<ArrayAttr>(kStringsAttr))
      for (StringRef string : strings.getAsValueRange<StringAttr>())
        spec.strings.push_back(string.str());
    main.walk([&](WeightOp op) { addWeight(op); });
    main.walk([&](CallRoutineOp op) { addRoutine(op); });
    main.walk([&](LaunchOp op) {
      addKernel(op);
      ++description.launches;
    });
  }

private:
  std::vector<SignatureValue> values(TypeRange types, ArrayAttr attributes, StringRef fallback) {
    std::vector<SignatureValue> result;
    for (auto [index, type] : llvm::enumerate(types)) {
      auto tensor = cast<RankedTensorType>(type);
      auto dict = cast<DictionaryAttr>(attributes[index]);
      SignatureValue &value = result.emplace_back();
      auto name = dict.getAs<StringAttr>("fsc.name");
      value.name = name ? name.str() : (fallback + Twine(index)).str();
      describeElements(tensor.getElementType(), value);
      auto dims = dict.getAs<ArrayAttr>("fsc.dims");
      for (int64_t axis = 0; axis < tensor.getRank(); ++axis) {
        SignatureDim dim;
        if (!tensor.isDynamicDim(axis)) {
          dim.size = tensor.getDimSize(axis);
        } else if (dims && axis < int64_t(dims.size())) {
          StringRef symbol = cast<StringAttr>(dims[axis]).getValue();
          if (!symbol.empty()) {
            symbols.insert(symbol);
            dim.symbol = llvm::find(symbols, symbol) - symbols.begin();
          }
        }
        value.dims.push_back(dim);
      }
    }
    return result;
  }

  /// The number of an element type and, of a list, what it is of.
  static void describeElements(Type type, SignatureValue &value) {
    value.dtype = abiElementOfType(type);
    if (auto map = dyn_cast<MapType>(type)) {
      for (Type part : {map.getKey(), map.getValue()})
        value.elements.push_back({"", abiElementOfType(part), false, {SignatureDim()}, {}});
      return;
    }
    auto sequence = dyn_cast<SequenceType>(type);
    auto optional = dyn_cast<OptionalType>(type);
    if (!sequence && !optional)
      return;
    Type of = sequence ? sequence.getElement() : optional.getElement();
    SignatureValue &element = value.elements.emplace_back();
    describeElements(getElementTypeOrSelf(of), element);
    auto tensor = dyn_cast<RankedTensorType>(of);
    element.anyRank = !tensor && !isListType(getElementTypeOrSelf(of));
    for (int64_t size : tensor ? tensor.getShape() : ArrayRef<int64_t>())
      element.dims.push_back({ShapedType::isDynamic(size) ? -1 : size, -1});
  }

  void addWeight(WeightOp op) {
    int64_t offset = op.getOffset().value_or(0);
    if (!placed.insert(offset).second)
      return;
    int64_t bytes = byteSize(op.getType());
    if (bytes > 0)
      spec.weights.push_back({offset, storedBytes(op.getValue(), bytes)});
  }

  /// The constant as the kernels read it: bools as bytes, splats in full.
  ArrayRef<char> storedBytes(ElementsAttr value, int64_t bytes) {
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
      if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
        return blob->getData().take_front(bytes);
    auto dense = dyn_cast<DenseElementsAttr>(value);
    if (dense && dense.getElementType().isInteger(1)) {
      std::vector<char> &copy = description.owned.emplace_back();
      for (bool element : dense.getValues<bool>())
        copy.push_back(element);
      return copy;
    }
    if (!dense)
      return {};
    ArrayRef<char> raw = dense.getRawData();
    if (!dense.isSplat())
      return raw;
    std::vector<char> &copy = description.owned.emplace_back();
    copy.reserve(bytes);
    while (int64_t(copy.size()) < bytes)
      copy.insert(copy.end(), raw.begin(), raw.end());
    return copy;
  }

  void addRoutine(CallRoutineOp op) {
    if (routines.insert(op.getRoutine()).second)
      spec.routines.push_back(
          {op.getRoutine().str(), describeNode(op.getLoc(), op.getRoutine()), op.getLibrary().value_or("").str()});
  }

  void addKernel(LaunchOp launch) {
    auto kernel = module.lookupSymbol<ModuleOp>(launch.getCallee().getRootReference());
    if (!seen.insert(kernel).second)
      return;
    auto function = *kernel.getOps<func::FuncOp>().begin();
    KernelInfo info;
    info.name = kernel.getSymName()->str();
    llvm::SetVector<StringRef> names;
    collectNames(function.getLoc(), names);
    info.location = llvm::join(names, ",");
    if (auto anchor = function->getAttrOfType<AnchorAttr>(kAnchorAttr))
      info.anchor = stringifyAnchor(anchor.getValue()).str();
    if (auto flops = function->getAttrOfType<FloatAttr>(kFlopsAttr))
      info.flops = flops.getValueAsDouble();
    for (Value operand : launch->getOperands())
      if (auto type = cast<MemRefType>(operand.getType()); type.hasStaticShape())
        info.bytes += double(byteSize(type));
    std::string schedule;
    if (auto attr = function->getAttrOfType<ScheduleAttr>(kScheduleAttr)) {
      llvm::raw_string_ostream os(schedule);
      Attribute(attr).print(os);
    }
    // In the order of the table that the launches index.
    size_t index = kernel->getAttrOfType<IntegerAttr>(kKernelIndexAttr).getInt();
    if (spec.kernels.size() <= index) {
      spec.kernels.resize(index + 1);
      description.schedules.resize(index + 1);
    }
    spec.kernels[index] = std::move(info);
    description.schedules[index] = std::move(schedule);
  }

  static void collectNames(Location location, llvm::SetVector<StringRef> &names) {
    location->walk([&](Location part) {
      if (auto named = dyn_cast<NameLoc>(part))
        names.insert(named.getName().getValue());
      return WalkResult::advance();
    });
  }

  ModuleOp module;
  func::FuncOp main;
  Description &description;
  ArtifactSpec &spec;
  llvm::SetVector<StringRef> symbols; // owned by the context
  llvm::StringSet<> routines;
  llvm::DenseSet<int64_t> placed;
  llvm::DenseSet<Operation *> seen;
};

} // namespace

Description describe(ModuleOp module) {
  Description description;
  Describer(module, description).run();
  return description;
}

int64_t scratchBytes(ModuleOp module) {
  int64_t most = 0;
  for (ModuleOp kernel : module.getOps<ModuleOp>())
    if (auto bytes = kernel->getAttrOfType<IntegerAttr>(kScratchBytesAttr))
      most = std::max(most, bytes.getInt());
  return most;
}

} // namespace fsc
