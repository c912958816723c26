//===- ImportFixture.h - Small models, imported -----------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TEST_UNIT_IMPORT_IMPORTFIXTURE_H
#define FSC_TEST_UNIT_IMPORT_IMPORTFIXTURE_H

#include "compiler/import/onnx/Import.h"
#include "onnx/defs/parser.h"
#include "onnx/onnx_pb.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace fsc {

/// Imports models from a folder of its own. `ir` is what importing gave, `errors` what it said.
class ImportTest : public testing::Test {
protected:
  ImportTest()
      : context(mlir::MLIRContext::Threading::DISABLED), handler(&context, [this](mlir::Diagnostic &diagnostic) {
          std::string place = describe(diagnostic.getLocation());
          errors += place + (place.empty() ? "" : ": ") + diagnostic.str() + "\n";
          for (mlir::Diagnostic &note : diagnostic.getNotes())
            errors += "note: " + note.str() + "\n";
          return mlir::success();
        }) {
    std::string pattern = (std::filesystem::temp_directory_path() / "fsc-import-XXXXXX").string();
    folder = mkdtemp(pattern.data());
  }
  ~ImportTest() override { std::filesystem::remove_all(folder); }

  void write(const std::string &name, const std::string &bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
  }

  /// A graph in ONNX's text form, of one opset.
  static onnx::ModelProto parse(const std::string &graph, int opset = 13, const std::string &functions = "") {
    onnx::ModelProto model;
    std::string text = "<ir_version: 8, opset_import: [\"\" : " + std::to_string(opset) + ", \"own\" : 1]>\n" + graph +
                       "\n" + functions;
    onnx::OnnxParser parser(text.c_str());
    auto status = parser.Parse(model);
    EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
    return model;
  }

  bool importBytes(const std::string &bytes) {
    ir.clear();
    errors.clear();
    module = {};
    write("model.onnx", bytes);
    auto read = readModel(&context, (folder / "model.onnx").string(), limits);
    if (failed(read))
      return false;
    model = std::move(*read);
    auto imported = importModel(&context, *model, options);
    if (failed(imported))
      return false;
    module = std::move(*imported);
    llvm::raw_string_ostream os(ir);
    module->print(os);
    return true;
  }
  bool import(const onnx::ModelProto &proto) { return importBytes(proto.SerializeAsString()); }
  bool import(const std::string &graph, int opset = 13, const std::string &functions = "") {
    return import(parse(graph, opset, functions));
  }

  mlir::MLIRContext context;
  mlir::ScopedDiagnosticHandler handler;
  std::filesystem::path folder;
  Limits limits;
  ImportOptions options;
  std::unique_ptr<OnnxModel> model;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string ir, errors;
};

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)
#define EXPECT_HAS_NOT(text, part) EXPECT_EQ((text).find(part), std::string::npos) << (text)

} // namespace fsc

#endif // FSC_TEST_UNIT_IMPORT_IMPORTFIXTURE_H
