//===- Emit.cpp - From LLVM dialect to artefact ---------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/Emit.h"

#include "compiler/Diagnostics.h"
#include "compiler/emit/Codegen.h"
#include "compiler/emit/Descriptor.h"
#include "compiler/emit/Elf.h"
#include "compiler/emit/Files.h"
#include "compiler/emit/Libraries.h"
#include "compiler/emit/Link.h"
#include "compiler/emit/Translate.h"
#include "runtime/abi/Executable.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/Support/xxhash.h"

#include <map>
#include <set>

using namespace llvm;
using namespace fsc;
using namespace fsc::emit;

/// What the linker adds to its inputs at most: headers, tables, padding between segments.
static constexpr uint64_t linkOverhead = 256 << 10;

namespace {

/// An object file and the symbols that tie it to others.
struct Object {
  ScratchFile file;
  std::set<std::string> defines, needs;
  uint64_t size = 0;
  uint16_t machine = 0;
};

class Emitter {
public:
  Emitter(mlir::ModuleOp module, const ArtifactSpec &spec, const CodegenOptions &options, OutputKind kind,
          StringRef path)
      : module(module), spec(spec), options(options), kind(kind), path(path) {}

  Error run();

private:
  Error writeSideFile();
  Error emitText(const Parts &parts);
  Error compileParts(const Parts &parts);
  Error compile(std::unique_ptr<Module> part, TargetMachine &machine, Object &object);
  Error addBuiltins();
  Error addWeights();
  Error checkSymbols();
  Error link(const OutputFile &output);
  Error appendToLauncher(StringRef payload);

  mlir::ModuleOp module;
  const ArtifactSpec &spec;
  const CodegenOptions &options;
  OutputKind kind;
  StringRef path;

  SideFile sideFile;
  std::optional<OutputFile> sideOutput;
  std::vector<Object> objects;                              // host, groups, builtins
  std::optional<ScratchFile> weights;                       // the object that stands for them
  std::map<std::string, std::vector<std::string>> imported; // library -> functions
};

} // namespace

/// Reads which symbols an object defines for others, and which it takes from them.
static Error readSymbols(Object &object) {
  Expected<std::unique_ptr<MemoryBuffer>> bytes = object.file.map();
  if (!bytes)
    return bytes.takeError();
  Expected<std::unique_ptr<object::ObjectFile>> file = object::ObjectFile::createObjectFile(**bytes);
  if (!file)
    return file.takeError();
  object.size = (*bytes)->getBufferSize();
  object.machine = cast<object::ELFObjectFileBase>(**file).getEMachine();
  for (const object::SymbolRef &symbol : (*file)->symbols()) {
    Expected<uint32_t> flags = symbol.getFlags();
    Expected<StringRef> name = symbol.getName();
    if (!flags || !name)
      return joinErrors(flags.takeError(), name.takeError());
    if (*flags & object::SymbolRef::SF_Undefined)
      object.needs.insert(name->str());
    else if (*flags & object::SymbolRef::SF_Global)
      object.defines.insert(name->str());
  }
  object.needs.erase("_GLOBAL_OFFSET_TABLE_"); // the linker's own
  object.needs.erase("");
  return Error::success();
}

Error Emitter::compile(std::unique_ptr<Module> part, TargetMachine &machine, Object &object) {
  if (Error failure = optimize(*part, machine, options.optLevel))
    return failure;
  Expected<ScratchFile> file = ScratchFile::inMemory();
  if (!file)
    return file.takeError();
  object.file = std::move(*file);
  {
    raw_fd_ostream stream(object.file.descriptor(), /*shouldClose=*/false);
    if (Error failure = generate(*part, machine, CodeGenFileType::ObjectFile, stream))
      return failure;
    stream.flush();
    if (std::error_code failure = stream.error()) {
      stream.clear_error();
      return createStringError(failure, "cannot write an object in memory: " + failure.message());
    }
  }
  part.reset();
  return readSymbols(object);
}

/// Translates and compiles the host's part and the kernels' ones, in parallel.
Error Emitter::compileParts(const Parts &parts) {
  objects.resize(parts.count() + 1);
  std::vector<std::string> failures(objects.size());
  auto keep = [&](size_t index, Error failure) { failures[index] = toString(std::move(failure)); };

  // The host goes first: its translation must not run beside others.
  LLVMContext hostContext;
  Expected<std::unique_ptr<Module>> host = parts.translateHost(hostContext);
  if (!host)
    return host.takeError();
  if (Error failure = addDescriptor(**host, spec, options, sideFile))
    return failure;

  // Without its threads, MLIR does not guard what translation uses.
  unsigned threads = module.getContext()->isMultithreadingEnabled() ? std::max(options.threads, 1u) : 1;
  mlir::ParallelDiagnosticHandler diagnostics(module.getContext());
  auto task = [&](size_t index) {
    diagnostics.setOrderIDForThread(index);
    [&] {
      Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine(options);
      if (!machine)
        return keep(index, machine.takeError());
      if (index == 0)
        return keep(index, compile(std::move(*host), **machine, objects[index]));
      LLVMContext context;
      Expected<std::unique_ptr<Module>> part = parts.translateGroup(index - 1, context);
      if (!part)
        return keep(index, part.takeError());
      keep(index, compile(std::move(*part), **machine, objects[index]));
    }();
    diagnostics.eraseOrderIDForThread();
  };
  if (threads == 1) {
    for (size_t index = 0; index < objects.size(); ++index)
      task(index);
  } else {
    ThreadPoolStrategy strategy;
    strategy.ThreadsRequested = threads;
    DefaultThreadPool pool(strategy);
    for (size_t index = 0; index < objects.size(); ++index)
      pool.async(task, index);
    pool.wait();
  }
  for (const std::string &failure : failures)
    if (!failure.empty())
      return createStringError(failure);
  return Error::success();
}

/// Compiles those of our builtins that the objects call, until no more are called.
Error Emitter::addBuiltins() {
  std::set<std::string> present;
  while (true) {
    std::set<std::string> missing;
    for (const Object &object : objects)
      for (const std::string &name : object.needs)
        if (isBuiltin(name) && !present.contains(name))
          missing.insert(name);
    if (missing.empty())
      return Error::success();
    present.insert(missing.begin(), missing.end());

    Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine(options);
    if (!machine)
      return machine.takeError();
    LLVMContext context;
    Expected<std::unique_ptr<Module>> part = buildBuiltins(missing, context);
    if (!part)
      return part.takeError();
    (*part)->setTargetTriple((*machine)->getTargetTriple());
    (*part)->setDataLayout((*machine)->createDataLayout());
    Object object;
    if (Error failure = compile(std::move(*part), **machine, object))
      return failure;
    objects.push_back(std::move(object));
  }
}

Error Emitter::addWeights() {
  if (spec.weightsMode != WeightsMode::embedded || spec.weightsBytes == 0)
    return Error::success();
  uint16_t machine = objects.front().machine;
  Expected<ScratchFile> file =
      kind == OutputKind::object ? writeWeightsObject(spec, machine, path) : writeWeightsPlaceholder(spec, machine);
  if (!file)
    return file.takeError();
  weights = std::move(*file);
  return Error::success();
}

/// Sorts what remains undefined by the library that has it. Nothing else may remain.
Error Emitter::checkSymbols() {
  std::set<std::string> defined;
  if (weights)
    defined.insert(weightsSymbol);
  for (const Object &object : objects)
    defined.insert(object.defines.begin(), object.defines.end());
  std::set<std::string> needed;
  for (const Object &object : objects)
    needed.insert(object.needs.begin(), object.needs.end());
  std::string unknown;
  for (const std::string &name : needed) {
    if (defined.contains(name))
      continue;
    if (std::optional<StringRef> library = libraryOf(name))
      imported[library->str()].push_back(name);
    else
      unknown += (unknown.empty() ? "'" : ", '") + name + "'";
  }
  if (!unknown.empty())
    return internalError("compiled code uses what neither it nor the C library defines: " + unknown);
  return Error::success();
}

Error Emitter::link(const OutputFile &output) {
  std::vector<std::string> inputs;
  uint64_t size = weights ? uint64_t(spec.weightsBytes) : 0;
  for (const Object &object : objects) {
    inputs.push_back(object.file.path());
    size += object.size;
  }
  if (weights)
    inputs.push_back(weights->path());
  if (Error failure = output.checkRoom(size + linkOverhead))
    return failure;
  if (kind == OutputKind::object)
    return linkRelocatable(inputs, output.temporaryPath(), options.threads);

  std::vector<ScratchFile> stubs;
  for (const auto &[library, functions] : imported) {
    Expected<ScratchFile> stub = writeLibraryStub(library, functions, objects.front().machine);
    if (!stub)
      return stub.takeError();
    inputs.push_back(stub->path());
    stubs.push_back(std::move(*stub));
  }
  if (Error failure = linkSharedObject(inputs, output.temporaryPath(), options.threads))
    return failure;
  return weights ? attachWeights(spec, output.temporaryPath(), path) : Error::success();
}

/// Writes external weights; their file gets its name together with the artefact.
Error Emitter::writeSideFile() {
  std::string name = (path + ".weights").str();
  Expected<OutputFile> file = OutputFile::create(name);
  if (!file)
    return file.takeError();
  if (std::error_code failure = sys::fs::resize_file(file->descriptor(), uint64_t(spec.weightsBytes)))
    return cannotWrite(name, failure);
  for (const WeightPiece &piece : spec.weights)
    if (Error failure = file->write(piece.data, uint64_t(piece.offset)))
      return failure;
  ErrorOr<std::unique_ptr<MemoryBuffer>> bytes =
      MemoryBuffer::getOpenFile(file->descriptor(), name, /*FileSize=*/-1, /*RequiresNullTerminator=*/false);
  if (!bytes)
    return createStringError(bytes.getError(), "cannot read '" + name + "': " + bytes.getError().message());
  sideFile.name = sys::path::filename(name).str();
  sideFile.hash = xxh3_64bits((*bytes)->getBuffer());
  sideOutput.emplace(std::move(*file));
  return Error::success();
}

/// Everything in one module, so that other tools can read the text.
Error Emitter::emitText(const Parts &parts) {
  LLVMContext context;
  Expected<std::unique_ptr<Module>> whole = parts.translateHost(context);
  if (!whole)
    return whole.takeError();
  if (Error failure = addDescriptor(**whole, spec, options, sideFile))
    return failure;
  for (size_t index = 0; index < parts.count(); ++index) {
    Expected<std::unique_ptr<Module>> part = parts.translateGroup(index, context);
    if (!part)
      return part.takeError();
    if (Linker::linkModules(**whole, std::move(*part)))
      return internalError("two kernels define the same name");
  }
  Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  if (Error failure = optimize(**whole, **machine, options.optLevel))
    return failure;

  SmallString<0> text;
  raw_svector_ostream stream(text);
  if (kind == OutputKind::llvm)
    (*whole)->print(stream, nullptr);
  else if (Error failure = generate(**whole, **machine, CodeGenFileType::AssemblyFile, stream))
    return failure;
  if (path == "-") {
    outs() << text;
    outs().flush();
    return Error::success();
  }
  Expected<OutputFile> output = OutputFile::create(path);
  if (!output)
    return output.takeError();
  if (Error failure = output->write(ArrayRef<char>(text.data(), text.size()), 0))
    return failure;
  return output->commit();
}

/// launcher, zeros up to a page, payload, trailer
Error Emitter::appendToLauncher(StringRef payload) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> launcher =
      MemoryBuffer::getFile(options.launcher, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!launcher)
    return createStringError(launcher.getError(),
                             "cannot read launcher '" + options.launcher + "': " + launcher.getError().message());
  ErrorOr<std::unique_ptr<MemoryBuffer>> bytes =
      MemoryBuffer::getFile(payload, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!bytes)
    return internalError("cannot read the linked artefact: " + bytes.getError().message());
  Expected<OutputFile> output = OutputFile::create(path, /*executable=*/true);
  if (!output)
    return output.takeError();
  fsc_abi_trailer trailer = {};
  trailer.offset = alignTo((*launcher)->getBufferSize(), 4096);
  trailer.size = (*bytes)->getBufferSize();
  trailer.magic = FSC_ABI_TRAILER_MAGIC;
  ArrayRef<char> trailerBytes(reinterpret_cast<const char *>(&trailer), sizeof(trailer));
  if (Error failure = output->write(ArrayRef<char>((*launcher)->getBufferStart(), (*launcher)->getBufferSize()), 0))
    return failure;
  if (Error failure = output->write(ArrayRef<char>((*bytes)->getBufferStart(), trailer.size), trailer.offset))
    return failure;
  if (Error failure = output->write(trailerBytes, trailer.offset + trailer.size))
    return failure;
  return output->commit();
}

Error Emitter::run() {
  bool text = kind == OutputKind::llvm || kind == OutputKind::assembly;
  if (kind == OutputKind::executable && spec.weightsMode == WeightsMode::external)
    return createStringError("expected embedded weights in an executable, got external ones");
  if (Error failure = checkWeights(spec))
    return failure;
  Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  Expected<Parts> parts = Parts::create(module, **machine);
  if (!parts)
    return parts.takeError();
  if (text)
    return emitText(*parts);

  // First of all, so that a wrong path or a full disk costs no time.
  Expected<OutputFile> output = OutputFile::create(path);
  if (!output)
    return output.takeError();
  if (Error failure = output->checkRoom(spec.weightsMode == WeightsMode::embedded ? uint64_t(spec.weightsBytes) : 0))
    return failure;
  if (spec.weightsMode == WeightsMode::external && spec.weightsBytes > 0)
    if (Error failure = writeSideFile())
      return failure;
  if (Error failure = compileParts(*parts))
    return failure;
  if (Error failure = addBuiltins())
    return failure;
  if (Error failure = addWeights())
    return failure;
  if (Error failure = checkSymbols())
    return failure;
  if (Error failure = link(*output))
    return failure;
  if (sideOutput)
    if (Error failure = sideOutput->commit())
      return failure;
  if (kind == OutputKind::executable)
    return appendToLauncher(output->temporaryPath());
  return output->commit();
}

LogicalResult fsc::emitArtifact(mlir::ModuleOp module, const ArtifactSpec &spec, const CodegenOptions &options,
                                OutputKind kind, StringRef path, bool *internal) {
  Error failure = Emitter(module, spec, options, kind, path).run();
  if (!failure)
    return llvm::success();
  CodedMessage said = takeMessage(std::move(failure), Code::cannotWrite);
  if (internal)
    *internal = said.code == Code::internalError;
  emitCoded(said.code, module.getLoc(), said.message).attachNote() << StringRef(getInfo(said.code).remedy);
  return llvm::failure();
}
