//===- Descriptor.cpp - The artefact's table about itself -----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds the structs of abi/Artifact.h as LLVM constants. A struct is made from
// (offset, value) pairs, with the offsets that the C++ compiler gives to the
// header's fields, so that the two cannot drift apart.
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/Descriptor.h"

#include "compiler/emit/Elf.h"
#include "compiler/emit/Files.h"
#include "runtime/abi/Artifact.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace fsc;
using namespace fsc::emit;

namespace {

using Field = std::pair<size_t, Constant *>;

class Builder {
public:
  explicit Builder(Module &module)
      : module(module), context(module.getContext()), pointer(PointerType::get(context, 0)) {}

  Constant *null() { return ConstantPointerNull::get(pointer); }
  Constant *integer(uint64_t value, unsigned bits = 64) {
    return ConstantInt::get(Type::getIntNTy(context, bits), value, /*IsSigned=*/false, /*ImplicitTrunc=*/true);
  }
  Constant *number(double value) { return ConstantFP::get(Type::getDoubleTy(context), value); }

  GlobalVariable *global(Constant *value, const Twine &name) {
    auto *result =
        new GlobalVariable(module, value->getType(), /*isConstant=*/true, GlobalValue::PrivateLinkage, value, name);
    result->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    return result;
  }

  Constant *text(StringRef value) { return global(ConstantDataArray::getString(context, value), "fsc_text"); }

  /// A pointer to the elements; null if there are none.
  Constant *array(ArrayRef<Constant *> elements, const Twine &name) {
    if (elements.empty())
      return null();
    auto *type = ArrayType::get(elements.front()->getType(), elements.size());
    return global(ConstantArray::get(type, elements), name);
  }

  /// The struct whose C counterpart has `size` bytes and these fields, in order.
  Constant *record(size_t size, ArrayRef<Field> fields) {
    SmallVector<Constant *> values;
    for (const Field &field : fields)
      values.push_back(field.second);
    Constant *result = ConstantStruct::getAnon(context, values);
    const DataLayout &layout = module.getDataLayout();
    const StructLayout *offsets = layout.getStructLayout(cast<StructType>(result->getType()));
    wrongLayout |= offsets->getSizeInBytes() != size;
    for (auto [index, field] : enumerate(fields))
      wrongLayout |= offsets->getElementOffset(unsigned(index)) != field.first;
    return result;
  }

  Constant *values(ArrayRef<SignatureValue> signature, StringRef name);
  Constant *kernels(ArrayRef<KernelInfo> kernels);
  Constant *texts(ArrayRef<std::string> list, StringRef name, bool terminated);
  Constant *strings(ArrayRef<std::string> list);
  Constant *routines(ArrayRef<RoutineInfo> list);
  Constant *ranges(ArrayRef<std::pair<int64_t, int64_t>> list);
  Constant *variant(const ArtifactSpec &spec, const CodegenOptions &options, Function *run);

  bool wrongLayout = false;

private:
  Module &module;
  LLVMContext &context;
  PointerType *pointer;
};

} // namespace

Constant *Builder::values(ArrayRef<SignatureValue> signature, StringRef name) {
  SmallVector<Constant *> list;
  for (const SignatureValue &value : signature) {
    SmallVector<Constant *> dims;
    for (const SignatureDim &dim : value.dims)
      dims.push_back(record(sizeof(fsc_abi_dim), {{offsetof(fsc_abi_dim, size), integer(uint64_t(dim.size))},
                                                  {offsetof(fsc_abi_dim, symbol), integer(uint64_t(dim.symbol))}}));
    list.push_back(record(sizeof(fsc_abi_value),
                          {{offsetof(fsc_abi_value, name), text(value.name)},
                           {offsetof(fsc_abi_value, dtype), integer(uint64_t(value.dtype), 32)},
                           {offsetof(fsc_abi_value, rank), integer(value.anyRank ? -1 : value.dims.size(), 32)},
                           {offsetof(fsc_abi_value, dims), array(dims, "fsc_dims")},
                           {offsetof(fsc_abi_value, element), values(value.elements, "fsc_elements")}}));
  }
  return array(list, name);
}

Constant *Builder::ranges(ArrayRef<std::pair<int64_t, int64_t>> list) {
  SmallVector<Constant *> ranges;
  for (auto [least, most] : list)
    ranges.push_back(record(sizeof(fsc_abi_range), {{offsetof(fsc_abi_range, least), integer(uint64_t(least))},
                                                    {offsetof(fsc_abi_range, most), integer(uint64_t(most))}}));
  return array(ranges, "fsc_ranges");
}

Constant *Builder::kernels(ArrayRef<KernelInfo> kernels) {
  SmallVector<Constant *> list;
  for (const KernelInfo &kernel : kernels)
    list.push_back(record(sizeof(fsc_abi_kernel), {{offsetof(fsc_abi_kernel, name), text(kernel.name)},
                                                   {offsetof(fsc_abi_kernel, location), text(kernel.location)},
                                                   {offsetof(fsc_abi_kernel, anchor), text(kernel.anchor)},
                                                   {offsetof(fsc_abi_kernel, flops), number(kernel.flops)},
                                                   {offsetof(fsc_abi_kernel, bytes), number(kernel.bytes)}}));
  return array(list, "fsc_kernels");
}

Constant *Builder::texts(ArrayRef<std::string> list, StringRef name, bool terminated) {
  SmallVector<Constant *> pointers;
  for (const std::string &entry : list)
    pointers.push_back(text(entry));
  if (terminated)
    pointers.push_back(null());
  return array(pointers, name);
}

Constant *Builder::strings(ArrayRef<std::string> list) {
  SmallVector<Constant *> records;
  for (const std::string &string : list)
    records.push_back(record(sizeof(fsc_abi_string), {{offsetof(fsc_abi_string, data), text(string)},
                                                      {offsetof(fsc_abi_string, size), integer(string.size())}}));
  return array(records, "fsc_strings");
}

Constant *Builder::routines(ArrayRef<RoutineInfo> list) {
  using R = fsc_abi_routine;
  SmallVector<Constant *> records;
  for (const RoutineInfo &routine : list)
    records.push_back(
        record(sizeof(R), {{offsetof(R, name), text(routine.name)},
                           {offsetof(R, node), text(routine.node)},
                           {offsetof(R, library), routine.library.empty() ? null() : text(routine.library)}}));
  return array(records, "fsc_routines");
}

Constant *Builder::variant(const ArtifactSpec &spec, const CodegenOptions &options, Function *run) {
  return record(
      sizeof(fsc_abi_variant),
      {{offsetof(fsc_abi_variant, cpu), text(options.cpu)},
       {offsetof(fsc_abi_variant, features), texts(options.requiredFeatures, "fsc_features", /*terminated=*/true)},
       {offsetof(fsc_abi_variant, run), run},
       {offsetof(fsc_abi_variant, arena_bytes), integer(uint64_t(spec.arenaBytes))},
       {offsetof(fsc_abi_variant, scratch_bytes), integer(uint64_t(spec.scratchBytes))}});
}

GlobalVariable *fsc::emit::weightsGlobal(Module &module, int64_t bytes) {
  auto *type = ArrayType::get(Type::getInt8Ty(module.getContext()), uint64_t(bytes));
  GlobalVariable *global = module.getGlobalVariable(weightsSymbol, /*AllowInternal=*/true);
  if (!global) {
    if (module.getNamedValue(weightsSymbol))
      return nullptr;
    global =
        new GlobalVariable(module, type, /*isConstant=*/true, GlobalValue::ExternalLinkage, nullptr, weightsSymbol);
  }
  if (!global->isDeclaration())
    return nullptr;
  global->setVisibility(GlobalValue::HiddenVisibility);
  global->setDSOLocal(true);
  // On x86-64 code reaches 2 GiB far unless told otherwise, and weights may be larger.
  if (Triple(module.getTargetTriple()).getArch() == Triple::x86_64)
    global->setCodeModel(CodeModel::Large);
  return global;
}

Error fsc::emit::addDescriptor(Module &module, const ArtifactSpec &spec, const CodegenOptions &options,
                               const SideFile &sideFile) {
  Function *run = module.getFunction("fsc_run");
  if (!run || run->isDeclaration())
    return internalError("expected the host module to define 'fsc_run'");
  if (module.getNamedValue(FSC_ABI_SYMBOL))
    return internalError("the host module defines '" FSC_ABI_SYMBOL "'");
  Builder build(module);
  Constant *weights = build.null();
  if (spec.weightsMode == WeightsMode::embedded && spec.weightsBytes > 0) {
    weights = weightsGlobal(module, spec.weightsBytes);
    if (!weights)
      return internalError("the host module defines 'fsc_weights'");
  }
  using A = fsc_abi_artifact;
  Constant *value = build.record(
      sizeof(A), {{offsetof(A, magic), build.integer(FSC_ABI_MAGIC)},
                  {offsetof(A, version), build.integer(FSC_ABI_VERSION, 32)},
                  {offsetof(A, size), build.integer(sizeof(A), 32)},
                  {offsetof(A, target), build.text(spec.target)},
                  {offsetof(A, name), build.text(spec.name)},
                  {offsetof(A, provenance), build.text(spec.provenance)},
                  {offsetof(A, input_count), build.integer(spec.inputs.size())},
                  {offsetof(A, inputs), build.values(spec.inputs, "fsc_inputs")},
                  {offsetof(A, output_count), build.integer(spec.outputs.size())},
                  {offsetof(A, outputs), build.values(spec.outputs, "fsc_outputs")},
                  {offsetof(A, symbol_count), build.integer(spec.symbols.size())},
                  {offsetof(A, symbols), build.texts(spec.symbols, "fsc_symbols", /*terminated=*/false)},
                  {offsetof(A, kernel_count), build.integer(spec.kernels.size())},
                  {offsetof(A, kernels), build.kernels(spec.kernels)},
                  {offsetof(A, variant_count), build.integer(1)},
                  {offsetof(A, variants), build.array({build.variant(spec, options, run)}, "fsc_variants")},
                  {offsetof(A, weights_bytes), build.integer(uint64_t(spec.weightsBytes))},
                  {offsetof(A, weights), weights},
                  {offsetof(A, weights_file), sideFile.name.empty() ? build.null() : build.text(sideFile.name)},
                  {offsetof(A, weights_hash), build.integer(sideFile.hash)},
                  {offsetof(A, string_count), build.integer(spec.strings.size())},
                  {offsetof(A, strings), build.strings(spec.strings)},
                  {offsetof(A, routine_count), build.integer(spec.routines.size())},
                  {offsetof(A, routines), build.routines(spec.routines)},
                  {offsetof(A, ranges), build.ranges(spec.ranges)}});
  if (build.wrongLayout)
    return internalError("the data layout of '" + module.getTargetTriple().str() + "' is not that of abi/Artifact.h");
  // The one symbol that others see.
  auto *descriptor = new GlobalVariable(module, value->getType(), /*isConstant=*/true, GlobalValue::ExternalLinkage,
                                        value, FSC_ABI_SYMBOL);
  descriptor->setAlignment(Align(8));
  return Error::success();
}
