//===- Compiler.cpp - The extension fsc._compiler -------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles in this process. A call has an MLIR context of its own, so calls from
// several threads run side by side; the linker, which cannot, takes turns.
//
//===----------------------------------------------------------------------===//

#include "compiler/Compiler.h"
#include "compiler/Diagnostics.h"

#include "mlir/IR/MLIRContext.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;

namespace {

/// Models of at most so many bytes are compiled by the calling thread alone: threads would cost more than they give.
constexpr size_t smallModel = 64 << 10;

nb::dict describe(const fsc::Problem &problem) {
  nb::dict result;
  auto text = [](const std::string &bytes) {
    return nb::steal(PyUnicode_DecodeUTF8(bytes.data(), Py_ssize_t(bytes.size()), "replace"));
  };
  result["severity"] = problem.isWarning ? "warning" : "error";
  result["code"] = std::string(fsc::getInfo(problem.code).id);
  if (problem.place.op.empty()) {
    result["place"] = text(problem.place.other);
  } else {
    result["node"] = text(problem.place.node);
    result["op"] = text(problem.place.op);
    result["opset"] = problem.place.opset;
  }
  result["reason"] = text(problem.reason);
  result["remedy"] = problem.notes.empty() ? nb::object(nb::none()) : text(problem.notes.front());
  return result;
}

/// Raises an exception of fsc.errors for problems, of which there is an error.
[[noreturn]] void fail(const char *type, const std::vector<fsc::Problem> &problems) {
  std::string message;
  nb::list all;
  std::optional<fsc::Code> code;
  for (const fsc::Problem &problem : problems) {
    all.append(describe(problem));
    if (problem.isWarning)
      continue;
    message += fsc::formatProblem(problem);
    code = code.value_or(problem.code);
  }
  while (!message.empty() && message.back() == '\n')
    message.pop_back();
  nb::object what = nb::steal(PyUnicode_DecodeUTF8(message.data(), Py_ssize_t(message.size()), "replace"));
  nb::object exception = nb::module_::import_("fsc.errors").attr(type)(what);
  exception.attr("code") = std::string(fsc::getInfo(code.value_or(fsc::Code::internalError)).id);
  exception.attr("problems") = all;
  PyErr_SetObject(exception.type().ptr(), exception.ptr());
  throw nb::python_error();
}

[[noreturn]] void failCall(const std::string &message) {
  fail("ArgumentError", {{.code = fsc::Code::badOption, .place = {}, .reason = message, .notes = {}}});
}

fsc::WeightsMode weightsMode(const std::string &name) {
  if (name == "embedded")
    return fsc::WeightsMode::embedded;
  if (name == "external")
    return fsc::WeightsMode::external;
  failCall("weights: expected 'embedded' or 'external', got '" + name + "'");
}

/// {"seq": (1, 512), "batch": (1, None), "rows": 8}
void addRanges(const nb::dict &dims, fsc::CompileOptions &options) {
  for (auto [key, value] : dims) {
    std::string name = nb::cast<std::string>(nb::str(key));
    fsc::DimRange range;
    bool good = true;
    try {
      if (nb::isinstance<nb::tuple>(value)) {
        auto pair = nb::borrow<nb::tuple>(value);
        good = pair.size() == 2;
        if (good && !pair[0].is_none())
          range.least = nb::cast<int64_t>(pair[0]);
        if (good && !pair[1].is_none())
          range.most = nb::cast<int64_t>(pair[1]);
      } else {
        range.least = range.most = nb::cast<int64_t>(value);
      }
    } catch (const nb::cast_error &) {
      good = false;
    }
    if (!good || range.least < 0 || range.isEmpty())
      failCall("dim: expected (LOW, HIGH) or a size for '" + name + "', got " + nb::cast<std::string>(nb::str(value)));
    options.ranges[name] = range;
  }
}

fsc::CompileReport run(const fsc::CompileRequest &request, bool threaded) {
  static const mlir::DialectRegistry registry = [] {
    mlir::DialectRegistry result;
    fsc::registerDialects(result);
    return result;
  }();
  using Threading = mlir::MLIRContext::Threading;
  mlir::MLIRContext context(registry, threaded ? Threading::ENABLED : Threading::DISABLED);
  context.printOpOnDiagnostic(false);
  // The report keeps them.
  mlir::ScopedDiagnosticHandler handler(&context, [](mlir::Diagnostic &) {});
  fsc::CompileReport report;
  fsc::compile(context, request, report);
  return report;
}

void compile(nb::object model, const std::string &output, const std::string &target, int optLevel,
             const std::map<std::string, int64_t> &bind, const nb::dict &dims, const std::string &weights,
             std::optional<unsigned> compileThreads, const std::vector<std::string> &customOps,
             std::optional<int64_t> nchwcBlock, bool strict, const std::map<std::string, int64_t> &limits) {
  fsc::CompileRequest request;
  request.output = output;
  request.options.target = target;
  request.options.strict = strict;
  if (optLevel != 0 && optLevel != 2)
    failCall("opt_level: expected 0 or 2, got " + std::to_string(optLevel));
  request.options.optLevel = optLevel;
  for (const auto &[name, size] : bind) {
    if (size < 0)
      failCall("bind: expected a size for '" + name + "', got " + std::to_string(size));
    request.options.bindings[name] = size;
  }
  addRanges(dims, request.options);
  for (const auto &[name, value] : limits)
    if (llvm::Error error = request.options.limits.set(name, value))
      failCall("limits: " + llvm::toString(std::move(error)));
  request.options.weights = weightsMode(weights);
  request.options.customOps = customOps;
  if (nchwcBlock && !fsc::isChannelBlock(*nchwcBlock))
    failCall("nchwc_block: expected 8 or 16, got " + std::to_string(*nchwcBlock));
  request.options.channelBlock = nchwcBlock.value_or(0);
  if (nb::isinstance<nb::bytes>(model)) {
    // Bytes of Python do not change, and the caller's reference keeps them.
    auto bytes = nb::borrow<nb::bytes>(model);
    request.input = "model";
    request.inputBytes = llvm::StringRef(bytes.c_str(), bytes.size());
    if (bytes.size() <= smallModel)
      request.options.threads = 1;
  } else {
    request.input = nb::cast<std::string>(model);
  }
  if (compileThreads)
    request.options.threads = *compileThreads;

  fsc::CompileReport report;
  {
    nb::gil_scoped_release release;
    report = run(request, request.options.threads != 1);
  }
  switch (report.status) {
  case fsc::CompileStatus::ok:
    return;
  case fsc::CompileStatus::usage:
    fail("ArgumentError", report.problems);
  case fsc::CompileStatus::refused:
    fail("ModelError", report.problems);
  case fsc::CompileStatus::internal:
    fail("InternalError", report.problems);
  }
}

} // namespace

NB_MODULE(_compiler, m) {
  m.doc() = "The fsc compiler; use the package fsc";
  m.attr("version") = fsc::getVersion().str();
  m.def("compile", &compile, nb::arg("model"), nb::arg("output"), nb::kw_only(), nb::arg("target") = "cpu",
        nb::arg("opt_level") = 2, nb::arg("bind") = std::map<std::string, int64_t>(), nb::arg("dim") = nb::dict(),
        nb::arg("weights") = "embedded", nb::arg("compile_threads") = nb::none(),
        nb::arg("custom_ops") = std::vector<std::string>(), nb::arg("nchwc_block") = nb::none(),
        nb::arg("strict") = false, nb::arg("limits") = std::map<std::string, int64_t>());
}
