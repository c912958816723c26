//===- CustomRun.cpp - Running custom operators ---------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel is somebody else's code: what it asks for is checked, and no exception of
// ours goes through it.
//
//===----------------------------------------------------------------------===//

#include "runtime/src/CustomRun.h"

#include "runtime/src/routines/CustomLibrary.h"
#include "runtime/src/routines/Routine.h"

#include <algorithm>
#include <new>
#include <optional>

using namespace fsc::runtime;

namespace {

/// A node as the library's kernel sees it.
class RunNode : public CustomNode {
public:
  RunNode(Call &call, fsc_abi_context *context, const fsc_abi_call &arguments)
      : CustomNode(arguments.attributes, arguments.attribute_count), call(call), context(context),
        arguments(arguments) {
    for (int64_t i = 0; i < arguments.input_count; ++i) {
      const fsc_abi_argument &input = arguments.inputs[i];
      bool hidden = input.dtype == FSC_STRING || input.dtype == FSC_UNDEFINED;
      operands.push_back({hidden ? nullptr : input.data, input.dtype, input.rank, input.dims});
    }
    for (int64_t i = 0; i < arguments.result_count; ++i) {
      const fsc_abi_argument &result = arguments.results[i];
      results.push_back({nullptr, result.dtype, result.rank, result.dims});
    }
    inputs = operands.data();
    input_count = operands.size();
    outputs = results.data();
    output_count = results.size();
  }

  ~RunNode() override {
    for (void *memory : allocated)
      context->host->release(context, memory);
  }

  /// What the runtime itself found wrong, and has recorded.
  std::optional<Call::Failed> failure;

  /// Fails unless each wanted result is there.
  void checkResults() {
    for (size_t i = 0; i < output_count; ++i)
      if (call.wants(i) && !arguments.results[i].data)
        fail("the custom operator did not make output " + std::to_string(i));
  }

private:
  /// Runs what may end the routine.
  template <typename Body> void guarded(Body body) {
    try {
      try {
        body();
      } catch (const std::bad_alloc &) {
        call.outOfMemory();
      }
    } catch (Call::Failed failed) {
      failure = failed;
      fail("the runtime has recorded why");
    }
  }

  void *makeOutput(size_t output, const int64_t *dims) override {
    if (!call.wants(output) || (!dims && results[output].rank > 0))
      return fail("the custom operator makes output " + std::to_string(output) + ", which is not wanted"), nullptr;
    const fsc_abi_argument &result = arguments.results[output];
    if (result.data)
      return fail("the custom operator makes output " + std::to_string(output) + " twice"), nullptr;
    std::span<const int64_t> sizes(dims, size_t(result.rank));
    if (std::any_of(sizes.begin(), sizes.end(), [](int64_t size) { return size < 0; }))
      return fail("the custom operator gives output " + std::to_string(output) + " a negative size"), nullptr;
    // The sizes may be those of the result itself, which are about to change.
    std::vector<int64_t> kept(sizes.begin(), sizes.end());
    void *memory = nullptr;
    guarded([&] {
      memory = call.result(output, kept);
      if (result.dtype == FSC_STRING)
        std::fill_n(static_cast<int64_t *>(memory), elements(result), 0);
    });
    return memory;
  }

  void *allocate(size_t bytes) override {
    allocated.reserve(allocated.size() + 1);
    void *memory = context->host->allocate(context, int64_t(std::min(bytes, size_t(INT64_MAX))));
    if (memory)
      allocated.push_back(memory);
    else
      failure = Call::Failed{FSC_ABI_ERROR_OUT_OF_MEMORY}, fail("the runtime has recorded why");
    return memory;
  }

  fsc_string string(size_t input, size_t index) override {
    bool isThere =
        input < input_count && operands[input].dtype == FSC_STRING && index < size_t(elements(arguments.inputs[input]));
    if (!isThere)
      return fail("the custom operator asks for a string that is not there"), fsc_string{"", 0};
    std::string_view text = call.string(static_cast<const int64_t *>(arguments.inputs[input].data)[index]);
    return {text.empty() ? "" : text.data(), text.size()};
  }

  int setString(size_t output, size_t index, const char *data, size_t size) override {
    const fsc_abi_argument *result = call.wants(output) ? &arguments.results[output] : nullptr;
    if (!result || !result->data || result->dtype != FSC_STRING || index >= size_t(elements(*result)) ||
        (!data && size > 0))
      return fail("the custom operator sets a string that is not there");
    bool good = false;
    guarded([&] {
      static_cast<int64_t *>(result->data)[index] = call.intern({data, size});
      good = true;
    });
    return good ? 0 : 1;
  }

  static int64_t elements(const fsc_abi_argument &argument) { return Array(argument).elements(); }

  Call &call;
  fsc_abi_context *context;
  const fsc_abi_call &arguments;
  std::vector<fsc_custom_tensor> operands, results;
  std::vector<void *> allocated; // until the end of the call
};

} // namespace

int32_t fsc::runtime::runCustomOp(const fsc_custom_op &op, fsc_abi_context *context, const fsc_abi_call *arguments) {
  return invoke(
      [&](Call &call) {
        RunNode node(call, context, *arguments);
        if (node.run(op.run))
          node.checkResults();
        if (node.failure)
          throw *node.failure;
        if (!node.reason().empty())
          call.fail("%s", node.reason().c_str());
      },
      context, arguments);
}
