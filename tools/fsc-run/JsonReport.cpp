//===- JsonReport.cpp - What fsc-run tells programs -----------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/fsc-run/Report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

using namespace fsc::tools;

namespace {

/// Writes JSON piece by piece; the caller nests.
class Json {
public:
  void open(char bracket) {
    separate();
    text += bracket;
    first = true;
  }
  void close(char bracket) {
    text += bracket;
    first = false;
  }
  void key(const char *name) {
    separate();
    quote(name);
    text += ": ";
    first = true; // no comma before the value
  }
  void value(const std::string &string) {
    separate();
    quote(string);
  }
  void value(double number) {
    separate();
    char buffer[40];
    std::snprintf(buffer, sizeof(buffer), "%.9g", number);
    // JSON has no infinity and no NaN.
    text += std::isfinite(number) ? buffer : "null";
  }
  void value(int64_t number) {
    separate();
    text += std::to_string(number);
  }
  void value(bool truth) {
    separate();
    text += truth ? "true" : "false";
  }
  void value(const std::vector<int64_t> &numbers) {
    open('[');
    for (int64_t number : numbers)
      value(number);
    close(']');
  }
  template <typename T> void field(const char *name, const T &content) {
    key(name);
    value(content);
  }
  void field(const char *name, const char *content) { field(name, std::string(content)); }

  std::string text;

private:
  void separate() {
    if (!first)
      text += ", ";
    first = false;
  }
  void quote(const std::string &string) {
    text += '"';
    for (char c : string) {
      if (c == '"' || c == '\\') {
        text += {'\\', c};
      } else if (uint8_t(c) < 0x20) {
        char buffer[8];
        std::snprintf(buffer, sizeof(buffer), "\\u%04x", unsigned(c));
        text += buffer;
      } else {
        text += c;
      }
    }
    text += '"';
  }

  bool first = true;
};

void writeLatency(Json &json, const Execution &execution) {
  std::vector<double> sorted = execution.milliseconds;
  std::sort(sorted.begin(), sorted.end());
  json.key("latency_ms");
  json.open('{');
  json.field("runs", int64_t(sorted.size()));
  json.field("first", execution.firstMilliseconds);
  json.field("mean", std::accumulate(sorted.begin(), sorted.end(), 0.0) / double(sorted.size()));
  json.field("min", sorted.front());
  json.field("median", percentile(sorted, 50));
  json.field("p90", percentile(sorted, 90));
  json.field("p99", percentile(sorted, 99));
  json.field("max", sorted.back());
  json.close('}');
}

void writeOutputs(Json &json, const std::vector<fsc_value> &values, const Execution &execution) {
  json.key("outputs");
  json.open('[');
  for (size_t i = 0; i < values.size(); ++i) {
    json.open('{');
    json.field("name", values[i].name);
    json.field("dtype", fsc_dtype_name(execution.outputs[i].dtype));
    json.field("dims", execution.outputs[i].dims);
    if (const std::optional<Comparison> &comparison = execution.comparisons[i]) {
      json.field("right", comparison->ok());
      json.field("same_type", comparison->sameType);
      json.field("max_absolute_error", comparison->maxAbsolute);
      json.field("max_relative_error", comparison->maxRelative);
      json.field("differing", comparison->differing);
      json.field("elements", comparison->elements);
    }
    json.close('}');
  }
  json.close(']');
}

void writeKernels(Json &json, const fsc::Module &module, const Execution &execution) {
  std::vector<fsc_kernel> kernels = module.kernels();
  json.key("kernels");
  json.open('[');
  for (size_t i = 0; i < kernels.size(); ++i) {
    const fsc_kernel_time &time = execution.kernelTimes[i];
    json.open('{');
    json.field("name", kernels[i].name);
    json.field("anchor", kernels[i].anchor);
    json.field("location", kernels[i].location);
    json.field("flops", kernels[i].flops);
    json.field("bytes", kernels[i].bytes);
    json.field("calls", double(time.calls) / execution.profiledRuns);
    json.field("tasks", double(time.tasks) / execution.profiledRuns);
    json.field("workers", int64_t(time.workers));
    json.field("ms", double(time.nanoseconds) / 1e6 / execution.profiledRuns);
    json.close('}');
  }
  json.close(']');
}

void writeCase(Json &json, const Report &report, size_t index) {
  const Case &testCase = report.cases[index];
  const Execution &execution = report.executions[index];
  std::vector<fsc_value> inputs = report.module.inputs();
  json.open('{');
  json.field("name", testCase.name);
  json.field("right", execution.ok());
  json.key("inputs");
  json.open('[');
  for (size_t i = 0; i < inputs.size(); ++i) {
    json.open('{');
    json.field("name", inputs[i].name);
    json.field("dtype", fsc_dtype_name(testCase.inputs[i].dtype));
    json.field("dims", testCase.inputs[i].dims);
    json.field("source", testCase.sources[i]);
    json.close('}');
  }
  json.close(']');
  writeOutputs(json, report.module.outputs(), execution);
  writeLatency(json, execution);
  if (report.options.profile)
    writeKernels(json, report.module, execution);
  json.close('}');
}

} // namespace

std::string fsc::tools::reportAsJson(const Report &report) {
  Json json;
  json.open('{');
  json.field("model", report.options.model);
  json.field("artifact", report.artifact);
  json.field("name", report.module.name());
  json.field("target", report.module.target());
  json.field("cpu", report.module.cpu());
  json.field("threads", int64_t(report.threads));
  json.field("weights_bytes", report.module.weightsBytes());
  json.field("arena_bytes", report.module.arenaBytes());
  if (report.compiled) {
    json.field("compile_cached", report.cached);
    json.field("compile_seconds", report.compileSeconds);
  }
  json.field("load_ms", report.loadMilliseconds);
  json.field("right", report.ok());
  json.field("rtol", report.options.tolerance.relative);
  json.field("atol", report.options.tolerance.absolute);
  json.key("cases");
  json.open('[');
  for (size_t i = 0; i < report.cases.size(); ++i)
    writeCase(json, report, i);
  json.close(']');
  json.close('}');
  return json.text + "\n";
}
