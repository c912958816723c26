//===- TextReport.cpp - What fsc-run tells people -------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/fsc-run/Report.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <numeric>

using namespace fsc::tools;

bool Report::ok() const {
  return std::all_of(executions.begin(), executions.end(), [](const Execution &e) { return e.ok(); });
}

namespace {

[[gnu::format(printf, 2, 3)]] void print(std::string &text, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  size_t length = size_t(std::vsnprintf(nullptr, 0, format, arguments));
  va_end(arguments);
  std::string piece(length + 1, '\0');
  std::vsnprintf(piece.data(), piece.size(), format, again);
  va_end(again);
  text.append(piece, 0, length);
}

/// "3.2 MB".
std::string bytesText(int64_t bytes) {
  std::string text;
  if (bytes < 10000)
    print(text, "%lld B", (long long)bytes);
  else if (bytes < 10000000)
    print(text, "%.1f kB", double(bytes) / 1e3);
  else
    print(text, "%.1f MB", double(bytes) / 1e6);
  return text;
}

/// The range, the mean and the first elements of an output.
void describe(std::string &text, const std::string &name, const Array &array) {
  print(text, "output '%s': %s", name.c_str(), typeText(array).c_str());
  if (isList(array.dtype)) {
    text += "\n";
    constexpr size_t mostElements = 6;
    for (size_t i = 0; i < std::min(array.elements.size(), mostElements); ++i)
      describe(text, name + "[" + std::to_string(i) + "]", array.elements[i]);
    return;
  }
  int64_t count = elementCount(array.dims, "output");
  if (count == 0) {
    text += ", empty\n";
    return;
  }
  if (array.dtype == FSC_STRING) {
    for (int64_t i = 0; i < std::min<int64_t>(count, 6); ++i)
      text += (i ? ", '" : ": '") + std::string(stringElement(array, i)) + "'";
    text += count > 6 ? ", ...\n" : "\n";
    return;
  }
  double low = INFINITY, high = -INFINITY, sum = 0;
  int64_t nans = 0;
  for (int64_t i = 0; i < count; ++i) {
    double element = elementValue(array, i);
    nans += std::isnan(element);
    low = std::min(low, element);
    high = std::max(high, element);
    sum += element;
  }
  print(text, ", from %.6g to %.6g, mean %.6g", low, high, sum / double(count));
  if (nans)
    print(text, ", %lld NaN", (long long)nans);
  text += ": ";
  for (int64_t i = 0; i < std::min<int64_t>(count, 6); ++i)
    print(text, "%s%.6g", i ? ", " : "", elementValue(array, i));
  text += count > 6 ? ", ...\n" : "\n";
}

void describeComparison(std::string &text, const fsc_value &value, const Array &array, const Array &expected,
                        const Comparison &c) {
  print(text, "output '%s': ", value.name);
  if (!c.sameType) {
    print(text, "expected %s, got %s\n", typeText(expected).c_str(), typeText(array).c_str());
    return;
  }
  print(text, "%s, largest absolute error %.3g, relative %.3g", c.ok() ? "right" : "differs", c.maxAbsolute,
        c.maxRelative);
  if (!c.ok())
    print(text, "; %lld of %lld elements differ, worst at %lld: expected %.9g, got %.9g", (long long)c.differing,
          (long long)c.elements, (long long)c.worst, c.worstExpected, c.worstActual);
  text += '\n';
}

void describeLatency(std::string &text, const Execution &execution) {
  std::vector<double> sorted = execution.milliseconds;
  std::sort(sorted.begin(), sorted.end());
  if (sorted.size() == 1) {
    print(text, "latency: %.3f ms\n", sorted[0]);
    return;
  }
  double mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / double(sorted.size());
  print(text,
        "latency of %zu runs: median %.3f ms, mean %.3f, min %.3f, p90 %.3f, p99 %.3f, max %.3f (first run %.3f)\n",
        sorted.size(), percentile(sorted, 50), mean, sorted.front(), percentile(sorted, 90), percentile(sorted, 99),
        sorted.back(), execution.firstMilliseconds);
}

void describeKernels(std::string &text, const fsc::Module &module, const Execution &execution) {
  std::vector<fsc_kernel> kernels = module.kernels();
  std::vector<size_t> order(kernels.size());
  std::iota(order.begin(), order.end(), size_t(0));
  const std::vector<fsc_kernel_time> &times = execution.kernelTimes;
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return times[a].nanoseconds > times[b].nanoseconds; });
  double total = 0;
  for (const fsc_kernel_time &time : times)
    total += double(time.nanoseconds);
  double runs = execution.profiledRuns;
  print(text, "%10s %6s %6s %8s %8s  kernel\n", "ms/run", "%", "calls", "workers", "GFLOP/s");
  for (size_t i : order) {
    double milliseconds = double(times[i].nanoseconds) / 1e6 / runs;
    double rate = kernels[i].flops > 0 && milliseconds > 0 ? kernels[i].flops / milliseconds / 1e6 : 0;
    print(text, "%10.4f %6.1f %6.4g %8d %8.1f  %s (%s): %s\n", milliseconds,
          total > 0 ? 100 * double(times[i].nanoseconds) / total : 0.0, double(times[i].calls) / runs, times[i].workers,
          rate, kernels[i].name, kernels[i].anchor, kernels[i].location);
  }
  print(text, "%10.4f in all kernels\n", total / 1e6 / runs);
}

} // namespace

std::string fsc::tools::reportAsText(const Report &report) {
  std::string text;
  const Options &options = report.options;
  std::vector<fsc_value> inputs = report.module.inputs(), outputs = report.module.outputs();
  if (!options.quiet) {
    print(text, "model '%s' for %s, weights %s, workspace %s, %d threads", report.module.name().c_str(),
          report.module.cpu().c_str(), bytesText(report.module.weightsBytes()).c_str(),
          bytesText(report.module.arenaBytes()).c_str(), report.threads);
    if (report.compiled)
      print(text, report.cached ? ", compiled before" : ", compiled in %.1f s", report.compileSeconds);
    print(text, ", loaded in %.1f ms\n", report.loadMilliseconds);
  }
  for (size_t c = 0; c < report.cases.size(); ++c) {
    const Case &testCase = report.cases[c];
    const Execution &execution = report.executions[c];
    if (!testCase.name.empty())
      print(text, "%s\n", testCase.name.c_str());
    for (size_t i = 0; i < inputs.size() && !options.quiet; ++i)
      print(text, "input '%s': %s from %s\n", inputs[i].name, typeText(testCase.inputs[i]).c_str(),
            testCase.sources[i].c_str());
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (execution.comparisons[i])
        describeComparison(text, outputs[i], execution.outputs[i], *testCase.expected[i], *execution.comparisons[i]);
      else if (!options.quiet)
        describe(text, outputs[i].name, execution.outputs[i]);
    }
    if (!options.quiet)
      describeLatency(text, execution);
    if (options.profile)
      describeKernels(text, report.module, execution);
  }
  return text;
}
