//===- Main.cpp - Runs a compiled model from the command line -------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/common/Files.h"
#include "tools/common/Numpy.h"
#include "tools/common/TensorFile.h"
#include "tools/fsc-run/Attached.h"
#include "tools/fsc-run/CompileCache.h"
#include "tools/fsc-run/Report.h"

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>

using namespace fsc::tools;

namespace {

enum ExitCode { Right = 0, Differs = 1, Usage = 2, Refused = 3, Internal = 4 };

void writeOutputs(const Report &report) {
  const std::string &folder = report.options.outputFolder;
  std::vector<fsc_value> values = report.module.outputs();
  for (size_t c = 0; c < report.cases.size(); ++c) {
    std::filesystem::path place = std::filesystem::path(folder) / report.cases[c].name;
    std::error_code error;
    std::filesystem::create_directories(place, error);
    if (error)
      throw Refusal("cannot make the folder '" + place.string() + "': " + error.message(), fsc::Code::cannotWrite);
    for (size_t i = 0; i < values.size(); ++i) {
      const Array &array = report.executions[c].outputs[i];
      std::string stem = (place / ("output_" + std::to_string(i))).string();
      if (report.options.outputAsProto)
        writeFile(stem + ".pb", writeValueProto(array, values[i].name));
      else if (isList(array.dtype))
        throw Refusal(std::string("output '") + values[i].name + "' is a " + fsc_dtype_name(array.dtype) +
                      ", which no .npy file holds: add --output-format=pb");
      else
        writeFile(stem + ".npy", writeNpy(array));
    }
  }
}

int run(const Options &options) {
  CompiledModel compiled;
  bool isOnnx = endsWith(options.model, ".onnx");
  if (isOnnx)
    compiled = compileModel(options);
  std::string path = isOnnx ? compiled.path : options.model;

  auto start = std::chrono::steady_clock::now();
  fsc::Module module(path, options.customOps);
  fsc::Session session(module, options.threads);
  double milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();

  Report report = {options,
                   module,
                   path,
                   isOnnx,
                   compiled.cached,
                   compiled.seconds,
                   milliseconds,
                   session.threads(),
                   makeCases(options, module),
                   {}};
  for (const Case &testCase : report.cases)
    report.executions.push_back(execute(options, module, session, testCase));

  if (!options.outputFolder.empty())
    writeOutputs(report);
  if (options.json && options.jsonFile.empty())
    std::fputs(reportAsJson(report).c_str(), stdout);
  else
    std::fputs(reportAsText(report).c_str(), stdout);
  if (!options.jsonFile.empty())
    writeFile(options.jsonFile, reportAsJson(report));
  return report.ok() ? Right : Differs;
}

int fail(ExitCode status, fsc::Code code, const char *message) {
  std::fflush(stdout);
  std::string id(fsc::getInfo(code).id), remedy(fsc::getInfo(code).remedy);
  std::fprintf(stderr, "error: %s: %s\n  note: %s\n", id.c_str(), message, remedy.c_str());
  return status;
}

fsc::Code codeOf(const fsc::Error &error) {
  switch (error.code()) {
  case FSC_ERROR_NOT_FOUND:
    return fsc::Code::unreadableFile;
  case FSC_ERROR_UNSUPPORTED:
    return fsc::Code::wrongMachine;
  case FSC_ERROR_MODEL:
    return fsc::Code::badArtifact;
  case FSC_ERROR_OUT_OF_MEMORY:
    return fsc::Code::outOfMemory;
  case FSC_ERROR_INTERNAL:
    return fsc::Code::internalError;
  default:
    return fsc::Code::badInput;
  }
}

} // namespace

int main(int argc, char **argv) {
  try {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    if (std::string attached = attachedModel(); !attached.empty())
      arguments.insert(arguments.begin(), attached);
    Options options = parseOptions(arguments);
    if (options.help) {
      std::fputs(helpText, stdout);
      return Right;
    }
    if (options.version) {
      std::printf("fsc-run %s\n", fsc_version());
      return Right;
    }
    return run(options);
  } catch (const UsageError &error) {
    return fail(Usage, fsc::Code::badOption, error.what());
  } catch (const Refusal &error) {
    return fail(Refused, error.code, error.what());
  } catch (const CompilerFailure &failure) {
    return failure.exitCode;
  } catch (const fsc::Error &error) {
    bool isOurs = error.code() == FSC_ERROR_INTERNAL || error.code() == FSC_ERROR_OUT_OF_MEMORY;
    return fail(isOurs ? Internal : Refused, codeOf(error), error.what());
  } catch (const std::bad_alloc &) {
    return fail(Internal, fsc::Code::outOfMemory, "out of memory");
  } catch (const std::exception &error) {
    return fail(Internal, fsc::Code::internalError, error.what());
  }
}
