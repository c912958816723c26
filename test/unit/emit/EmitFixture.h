//===- EmitFixture.h - Emits modules into a folder of their own -*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TEST_UNIT_EMIT_EMITFIXTURE_H
#define FSC_TEST_UNIT_EMIT_EMITFIXTURE_H

#include "compiler/emit/Emit.h"
#include "fsc/fsc.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

namespace fsc {

class EmitTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("fsc-emit", folder));
    context.loadDialect<mlir::LLVM::LLVMDialect>();
    const float weights[] = {2.0f};
    const float farWeights[] = {0.5f};
    near.assign(reinterpret_cast<const char *>(weights), reinterpret_cast<const char *>(weights + 1));
    far.assign(reinterpret_cast<const char *>(farWeights), reinterpret_cast<const char *>(farWeights + 1));
    spec.name = "model";
    spec.target = "cpu";
    spec.provenance = "{\"model\": \"test\"}";
    spec.symbols = {"batch"};
    spec.inputs = {{"x", FSC_FLOAT32, false, {{4, -1}}, {}}};
    spec.outputs = {{"z", FSC_FLOAT32, false, {{4, -1}}, {}}};
    spec.kernels = {{"scale", "Exp_0,Mul_1", "pointwise", 12, 32}, {"add", "Add_2", "pointwise", 4, 48}};
    spec.arenaBytes = 128;
    spec.scratchBytes = 64;
    spec.weightsBytes = 4100;
    spec.weights = {{0, near}, {4096, far}};
    options.triple = "x86_64-unknown-linux-gnu";
    options.cpu = "x86-64-v3";
    options.requiredFeatures = {"sse2"};
#if defined(__aarch64__)
    options.triple = "aarch64-unknown-linux-gnu";
    options.cpu = "generic";
    options.requiredFeatures = {};
#endif
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string at(llvm::StringRef name) const { return (folder + "/" + name).str(); }

  /// Emits `text` to `path`; returns the error, "" on success.
  std::string emit(llvm::StringRef text, llvm::StringRef path, OutputKind kind = OutputKind::sharedObject) {
    std::string message;
    mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
      message += diagnostic.str();
      return mlir::success();
    });
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return "cannot parse: " + message;
    bool ok = mlir::succeeded(emitArtifact(*module, spec, options, kind, path));
    EXPECT_EQ(ok, message.empty()) << message;
    return message;
  }

  static std::string read(llvm::StringRef path) {
    auto buffer = llvm::MemoryBuffer::getFile(path, false, false);
    return buffer ? (*buffer)->getBuffer().str() : "";
  }

  std::vector<std::string> filesThere() const {
    std::vector<std::string> names;
    std::error_code failure;
    for (llvm::sys::fs::directory_iterator i(folder, failure), end; i != end && !failure; i.increment(failure))
      names.push_back(llvm::sys::path::filename(i->path()).str());
    std::sort(names.begin(), names.end());
    return names;
  }

  void expectRuns(const std::string &path) {
    fsc_module *module = nullptr;
    fsc_status status = fsc_module_load(path.c_str(), &module);
    ASSERT_EQ(status, nullptr) << fsc_status_message(status);
    fsc_session *session = nullptr;
    status = fsc_session_create(module, nullptr, &session);
    ASSERT_EQ(status, nullptr) << fsc_status_message(status);
    float x[4] = {0, 1, -1, 2};
    int64_t dims[1] = {4};
    fsc_tensor in = {x, FSC_FLOAT32, 1, dims, nullptr}, out = {};
    status = fsc_session_run(session, &in, 1, &out, 1);
    ASSERT_EQ(status, nullptr) << fsc_status_message(status);
    for (int i = 0; i < 4; ++i)
      EXPECT_FLOAT_EQ(static_cast<float *>(out.data)[i], x[i] + (std::exp(x[i]) * 2.0f + 0.5f));
    fsc_session_destroy(session);
    fsc_module_destroy(module);
  }

  /// The libraries that the shared object names, and in `undefined` what it takes from them.
  std::vector<std::string> needed(llvm::StringRef path, std::vector<std::string> *undefined = nullptr,
                                  std::vector<std::string> *exported = nullptr) {
    std::vector<std::string> libraries;
    auto buffer = llvm::cantFail(llvm::errorOrToExpected(llvm::MemoryBuffer::getFile(path)));
    auto file = llvm::cantFail(llvm::object::ObjectFile::createELFObjectFile(*buffer));
    auto *elf = llvm::cast<llvm::object::ELF64LEObjectFile>(file.get());
    machine = elf->getELFFile().getHeader().e_machine;
    for (const auto &symbol : elf->getDynamicSymbolIterators()) {
      bool isUndefined = llvm::cantFail(symbol.getFlags()) & llvm::object::SymbolRef::SF_Undefined;
      std::string name = llvm::cantFail(symbol.getName()).str();
      if (isUndefined && undefined && !name.empty())
        undefined->push_back(name);
      if (!isUndefined && exported)
        exported->push_back(name);
    }
    llvm::StringRef strings;
    for (const auto &section : elf->sections())
      if (llvm::cantFail(section.getName()) == ".dynstr")
        strings = llvm::cantFail(section.getContents());
    for (const auto &entry : llvm::cantFail(elf->getELFFile().dynamicEntries())) {
      if (entry.getTag() == llvm::ELF::DT_NEEDED)
        libraries.push_back(strings.drop_front(entry.getVal()).data());
      EXPECT_NE(entry.getTag(), uint64_t(llvm::ELF::DT_TEXTREL));
      EXPECT_NE(entry.getTag(), uint64_t(llvm::ELF::DT_SONAME));
    }
    return libraries;
  }

  llvm::SmallString<128> folder;
  mlir::MLIRContext context;
  std::vector<char> near, far;
  ArtifactSpec spec;
  CodegenOptions options;
  unsigned machine = 0;
};

} // namespace fsc

#endif // FSC_TEST_UNIT_EMIT_EMITFIXTURE_H
