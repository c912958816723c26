//===- FakeCopy.c - An artefact that copies -------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// y = x for x: [n, 3] of the element type FAKE_DTYPE with FAKE_BITS bits, so that
// every type goes through the tools and the Python package. Types narrower than a
// byte have one for each element.
//
//===----------------------------------------------------------------------===//

#include "runtime/abi/Artifact.h"

#include <string.h>

static int32_t run(fsc_abi_context *context) {
  int64_t dims[2] = {context->inputs[0].dims[0], 3};
  void *y = context->host->output(context, 0, dims);
  if (!y)
    return FSC_ABI_ERROR_INTERNAL;
  memcpy(y, context->inputs[0].data, (size_t)(dims[0] * dims[1]) * (FAKE_BITS < 8 ? 8 : FAKE_BITS) / 8);
  return FSC_ABI_OK;
}

static const fsc_abi_dim dims[2] = {{FSC_ABI_DYNAMIC, -1}, {3, -1}};
static const fsc_abi_value input = {"x", FAKE_DTYPE, 2, dims, 0}, output = {"y", FAKE_DTYPE, 2, dims, 0};
static const fsc_abi_variant variant = {"baseline", 0, run, 0, 0};

extern const fsc_abi_artifact fsc_artifact;
__attribute__((visibility("default"))) const fsc_abi_artifact fsc_artifact = {
    .magic = FSC_ABI_MAGIC,
    .version = FSC_ABI_VERSION,
    .size = sizeof(fsc_abi_artifact),
    .target = "cpu",
    .name = "copy",
    .provenance = "{}",
    .input_count = 1,
    .inputs = &input,
    .output_count = 1,
    .outputs = &output,
    .variant_count = 1,
    .variants = &variant,
};
