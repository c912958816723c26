//===- Execution.cpp - Running and timing a case --------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/fsc-run/Execution.h"

#include <algorithm>
#include <chrono>
#include <cmath>

using namespace fsc::tools;

bool Execution::ok() const {
  return std::all_of(comparisons.begin(), comparisons.end(),
                     [](const std::optional<Comparison> &comparison) { return !comparison || comparison->ok(); });
}

double fsc::tools::percentile(const std::vector<double> &sorted, double percent) {
  size_t rank = size_t(std::ceil(percent / 100 * double(sorted.size())));
  return sorted[std::clamp<size_t>(rank, 1, sorted.size()) - 1];
}

namespace {

/// An input as the runtime takes it.
fsc::Tensor given(const Array &array) {
  fsc::Tensor tensor = {const_cast<char *>(array.data.data()), array.dtype, array.dims, {}, {}};
  for (const Array &element : array.elements)
    tensor.elements.push_back(given(element));
  return tensor;
}

/// A copy of an output, which is the session's until its next run.
Array copyOf(const fsc::Tensor &tensor) {
  Array array = {tensor.dtype, tensor.dims, {}, {}, {}};
  for (const fsc::Tensor &element : tensor.elements)
    array.elements.push_back(copyOf(element));
  if (tensor.isList())
    return array;
  const char *data = static_cast<const char *>(tensor.data);
  array.data.assign(data, data + byteCount(array.dtype, array.dims, "output"));
  if (array.dtype != FSC_STRING)
    return array;
  std::vector<std::string_view> strings;
  for (int64_t i = 0, count = elementCount(array.dims, "output"); i < count; ++i)
    strings.push_back(stringElement(array, i));
  return stringArray(array.dims, strings);
}

} // namespace

Execution fsc::tools::execute(const Options &options, const Module &module, Session &session, const Case &testCase) {
  // The C interface: a timed run must hold nothing but the run.
  std::vector<fsc_tensor> inputs, outputs(module.outputs().size());
  std::vector<fsc::Tensor> tensors;
  for (const Array &array : testCase.inputs)
    tensors.push_back(given(array));
  fsc::Borrowed borrow;
  for (const fsc::Tensor &tensor : tensors)
    inputs.push_back(borrow(tensor));
  auto run = [&] {
    auto start = std::chrono::steady_clock::now();
    std::fill(outputs.begin(), outputs.end(), fsc_tensor{});
    check(fsc_session_run(session.get(), inputs.data(), inputs.size(), outputs.data(), outputs.size()));
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  };

  Execution result;
  int warmup = options.warmup.value_or(options.repeat > 1 ? 1 : 0);
  for (int i = 0; i < warmup + options.repeat; ++i) {
    double milliseconds = run();
    if (i == 0)
      result.firstMilliseconds = milliseconds;
    if (i >= warmup)
      result.milliseconds.push_back(milliseconds);
  }
  if (options.profile) {
    session.profile(true);
    for (int i = 0; i < options.repeat; ++i)
      run();
    session.profile(false);
    result.profiledRuns = options.repeat;
    for (size_t i = 0; i < module.kernels().size(); ++i)
      result.kernelTimes.push_back(session.kernelTime(i));
  }

  for (const fsc_tensor &output : outputs)
    result.outputs.push_back(copyOf(fsc::Tensor::of(output)));
  for (size_t i = 0; i < result.outputs.size(); ++i) {
    result.comparisons.emplace_back();
    if (testCase.expected[i])
      result.comparisons[i] = compare(result.outputs[i], *testCase.expected[i], options.tolerance);
  }
  return result;
}
