//===- KeepDescription.cpp - A description inside the IR ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowered code no longer says what the model is. Where it is printed, to go on
// from there later, an attribute of the module does.
//
//===----------------------------------------------------------------------===//

#include "compiler/Describe.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace fsc {

static constexpr llvm::StringLiteral kDescriptionAttr = "fsc.description";

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static Attribute write(Builder &b, const std::vector<SignatureValue> &values) {
  SmallVector<Attribute> list;
  for (const SignatureValue &value : values) {
    SmallVector<int64_t> sizes, symbols;
    for (const SignatureDim &dim : value.dims) {
      sizes.push_back(dim.size);
      symbols.push_back(dim.symbol);
    }
    list.push_back(b.getDictionaryAttr(
        {b.getNamedAttr("name", b.getStringAttr(value.name)), b.getNamedAttr("dtype", b.getI64IntegerAttr(value.dtype)),
         b.getNamedAttr("any_rank", b.getBoolAttr(value.anyRank)), b.getNamedAttr("elements", write(b, value.elements)),
         b.getNamedAttr("sizes", b.getDenseI64ArrayAttr(sizes)),
         b.getNamedAttr("symbols", b.getDenseI64ArrayAttr(symbols))}));
  }
  return b.getArrayAttr(list);
}

static Attribute write(Builder &b, const KernelInfo &kernel, StringRef schedule) {
  return b.getDictionaryAttr({b.getNamedAttr("name", b.getStringAttr(kernel.name)),
                              b.getNamedAttr("location", b.getStringAttr(kernel.location)),
                              b.getNamedAttr("anchor", b.getStringAttr(kernel.anchor)),
                              b.getNamedAttr("flops", b.getF64FloatAttr(kernel.flops)),
                              b.getNamedAttr("bytes", b.getF64FloatAttr(kernel.bytes)),
                              b.getNamedAttr("schedule", b.getStringAttr(schedule))});
}

static Attribute write(Builder &b, const WeightPiece &piece) {
  auto type = RankedTensorType::get(int64_t(piece.data.size()), b.getI8Type());
  // The piece lives as long as the description, and the description as long as the IR is of use.
  auto data =
      DenseResourceElementsAttr::get(type, "weight", UnmanagedAsmResourceBlob::allocateWithAlign(piece.data, 1));
  return b.getDictionaryAttr(
      {b.getNamedAttr("offset", b.getI64IntegerAttr(piece.offset)), b.getNamedAttr("data", data)});
}

void keepDescription(ModuleOp module, const Description &description) {
  Builder b(module.getContext());
  const ArtifactSpec &spec = description.spec;
  SmallVector<Attribute> kernels, weights, symbols, strings, routines;
  for (const RoutineInfo &routine : spec.routines)
    routines.push_back(b.getStrArrayAttr({routine.name, routine.node, routine.library}));
  SmallVector<int64_t> ranges;
  for (auto [least, most] : spec.ranges)
    ranges.append({least, most});
  for (const std::string &string : spec.strings)
    strings.push_back(b.getStringAttr(string));
  for (auto [kernel, schedule] : llvm::zip_equal(spec.kernels, description.schedules))
    kernels.push_back(write(b, kernel, schedule));
  for (const WeightPiece &piece : spec.weights)
    weights.push_back(write(b, piece));
  for (const std::string &symbol : spec.symbols)
    symbols.push_back(b.getStringAttr(symbol));
  module->setAttr(
      kDescriptionAttr,
      b.getDictionaryAttr(
          {b.getNamedAttr("name", b.getStringAttr(spec.name)), b.getNamedAttr("inputs", write(b, spec.inputs)),
           b.getNamedAttr("outputs", write(b, spec.outputs)), b.getNamedAttr("symbols", b.getArrayAttr(symbols)),
           b.getNamedAttr("strings", b.getArrayAttr(strings)), b.getNamedAttr("routines", b.getArrayAttr(routines)),
           b.getNamedAttr("ranges", b.getDenseI64ArrayAttr(ranges)), b.getNamedAttr("kernels", b.getArrayAttr(kernels)),
           b.getNamedAttr("launches", b.getI64IntegerAttr(description.launches)),
           b.getNamedAttr("arena_bytes", b.getI64IntegerAttr(spec.arenaBytes)),
           b.getNamedAttr("weights_bytes", b.getI64IntegerAttr(spec.weightsBytes)),
           b.getNamedAttr("weights", b.getArrayAttr(weights))}));
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {

/// Reads entries of dictionaries; what is missing or of another kind makes the whole `bad`.
struct Reader {
  bool bad = false;

  template <typename Attr> Attr get(DictionaryAttr dict, StringRef name) {
    Attr value = dict ? dict.getAs<Attr>(name) : Attr();
    bad |= !value;
    return value;
  }
  int64_t number(DictionaryAttr dict, StringRef name) {
    auto value = get<IntegerAttr>(dict, name);
    return value ? value.getInt() : 0;
  }
  double real(DictionaryAttr dict, StringRef name) {
    auto value = get<FloatAttr>(dict, name);
    return value ? value.getValueAsDouble() : 0;
  }
  std::string text(DictionaryAttr dict, StringRef name) {
    auto value = get<StringAttr>(dict, name);
    return value ? value.str() : std::string();
  }
  ArrayRef<int64_t> numbers(DictionaryAttr dict, StringRef name) {
    auto value = get<DenseI64ArrayAttr>(dict, name);
    return value ? value.asArrayRef() : ArrayRef<int64_t>();
  }
  ArrayRef<Attribute> list(DictionaryAttr dict, StringRef name) {
    auto value = get<ArrayAttr>(dict, name);
    return value ? value.getValue() : ArrayRef<Attribute>();
  }

  std::vector<SignatureValue> values(DictionaryAttr dict, StringRef name, size_t numSymbols, int depth = 0) {
    constexpr int maxDepth = 32;
    std::vector<SignatureValue> result;
    bad |= depth > maxDepth;
    for (Attribute entry : bad ? ArrayRef<Attribute>() : list(dict, name)) {
      auto value = dyn_cast<DictionaryAttr>(entry);
      SignatureValue &read = result.emplace_back();
      read.name = text(value, "name");
      read.dtype = int32_t(number(value, "dtype"));
      auto anyRank = get<BoolAttr>(value, "any_rank");
      read.anyRank = anyRank && anyRank.getValue();
      read.elements = values(value, "elements", numSymbols, depth + 1);
      ArrayRef<int64_t> sizes = numbers(value, "sizes"), symbols = numbers(value, "symbols");
      bad |= sizes.size() != symbols.size();
      for (auto [size, symbol] : llvm::zip(sizes, symbols)) {
        bad |= size < -1 || symbol < -1 || symbol >= int64_t(numSymbols);
        read.dims.push_back({size, symbol});
      }
    }
    return result;
  }

  WeightPiece piece(Attribute entry) {
    auto dict = dyn_cast<DictionaryAttr>(entry);
    WeightPiece result;
    result.offset = number(dict, "offset");
    auto data = get<DenseResourceElementsAttr>(dict, "data");
    AsmResourceBlob *blob = data ? data.getRawHandle().getBlob() : nullptr;
    bad |= !blob;
    if (blob)
      result.data = blob->getData();
    return result;
  }
};

} // namespace

FailureOr<Description> keptDescription(ModuleOp module) {
  Reader reader;
  auto dict = module->getAttrOfType<DictionaryAttr>(kDescriptionAttr);
  Description result;
  ArtifactSpec &spec = result.spec;
  spec.name = reader.text(dict, "name");
  for (Attribute entry : reader.list(dict, "symbols")) {
    auto symbol = dyn_cast<StringAttr>(entry);
    reader.bad |= !symbol;
    spec.symbols.push_back(symbol ? symbol.str() : std::string());
  }
  ArrayRef<int64_t> ranges = reader.numbers(dict, "ranges");
  reader.bad |= !ranges.empty() && ranges.size() != 2 * spec.symbols.size();
  for (size_t i = 0; i + 1 < ranges.size(); i += 2)
    spec.ranges.emplace_back(ranges[i], ranges[i + 1]);
  for (Attribute entry : reader.list(dict, "strings")) {
    auto string = dyn_cast<StringAttr>(entry);
    reader.bad |= !string || string.empty();
    spec.strings.push_back(string ? string.str() : std::string());
  }
  for (Attribute entry : reader.list(dict, "routines")) {
    SmallVector<StringRef> parts;
    if (auto texts = dyn_cast<ArrayAttr>(entry); texts && llvm::all_of(texts, llvm::IsaPred<StringAttr>))
      parts = llvm::to_vector(texts.getAsValueRange<StringAttr>());
    reader.bad |= parts.size() != 3;
    parts.resize(3);
    spec.routines.push_back({parts[0].str(), parts[1].str(), parts[2].str()});
  }
  spec.inputs = reader.values(dict, "inputs", spec.symbols.size());
  spec.outputs = reader.values(dict, "outputs", spec.symbols.size());
  for (Attribute entry : reader.list(dict, "kernels")) {
    auto kernel = dyn_cast<DictionaryAttr>(entry);
    spec.kernels.push_back({reader.text(kernel, "name"), reader.text(kernel, "location"), reader.text(kernel, "anchor"),
                            reader.real(kernel, "flops"), reader.real(kernel, "bytes")});
    result.schedules.push_back(reader.text(kernel, "schedule"));
  }
  result.launches = reader.number(dict, "launches");
  spec.arenaBytes = reader.number(dict, "arena_bytes");
  spec.weightsBytes = reader.number(dict, "weights_bytes");
  for (Attribute entry : reader.list(dict, "weights"))
    spec.weights.push_back(reader.piece(entry));
  if (reader.bad)
    return module.emitError() << "expected the attribute " << kDescriptionAttr
                              << " as the phase lower leaves it when it is the last";
  return result;
}

} // namespace fsc
