//===- FakeList.c - An artefact whose values are lists --------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   turned = s with its first element at the end; an illegal index if s is empty
//   o, m   = o, m
//   count  = the number of elements of s
//
//===----------------------------------------------------------------------===//

#include "runtime/abi/Artifact.h"

#include <string.h>

static int32_t give(fsc_abi_context *context, int64_t output, int64_t number) {
  int64_t *place = context->host->output(context, output, NULL);
  if (!place)
    return FSC_ABI_ERROR_INTERNAL;
  *place = number;
  return FSC_ABI_OK;
}

static int32_t run(fsc_abi_context *context) {
  const fsc_abi_host *host = context->host;
  int64_t s = *(const int64_t *)context->inputs[0].data, size = host->list_size(context, s);
  fsc_abi_element first;
  int32_t status = host->list_element(context, s, 0, &first);
  int64_t turned = status ? 0 : host->list_splice(context, s, size, 0, &first, 1);
  turned = status || turned < 0 ? -1 : host->list_splice(context, turned, 0, 1, NULL, 0);
  if (turned < 0)
    return FSC_ABI_ERROR_INTERNAL;
  status = give(context, 0, turned);
  for (int i = 1; i < 3 && !status; ++i)
    status = give(context, i, *(const int64_t *)context->inputs[i].data);
  return status ? status : give(context, 3, size);
}

static const fsc_abi_dim rowDims[2] = {{FSC_ABI_DYNAMIC, -1}, {2, -1}}, columnDims[1] = {{FSC_ABI_DYNAMIC, -1}};
static const fsc_abi_value row = {"", 1, 2, rowDims, NULL}, words = {"", 8, -1, NULL, NULL};
static const fsc_abi_value wordList = {"", FSC_ABI_SEQUENCE, 0, NULL, &words};
static const fsc_abi_value pair[2] = {{"", 7, 1, columnDims, NULL}, {"", 1, 1, columnDims, NULL}};
static const fsc_abi_value inputs[3] = {{"s", FSC_ABI_SEQUENCE, 0, NULL, &row},
                                        {"o", FSC_ABI_OPTIONAL, 0, NULL, &wordList},
                                        {"m", FSC_ABI_MAP, 0, NULL, pair}};
static const fsc_abi_value outputs[4] = {{"turned", FSC_ABI_SEQUENCE, 0, NULL, &row},
                                         {"o", FSC_ABI_OPTIONAL, 0, NULL, &wordList},
                                         {"m", FSC_ABI_MAP, 0, NULL, pair},
                                         {"count", 7, 0, NULL, NULL}};
static const fsc_abi_variant variant = {"baseline", 0, run, 0, 0};

extern const fsc_abi_artifact fsc_artifact;
__attribute__((visibility("default"))) const fsc_abi_artifact fsc_artifact = {
    .magic = FSC_ABI_MAGIC,
    .version = FSC_ABI_VERSION,
    .size = sizeof(fsc_abi_artifact),
    .target = "cpu",
    .name = "lists",
    .provenance = "{}",
    .input_count = 3,
    .inputs = inputs,
    .output_count = 4,
    .outputs = outputs,
    .variant_count = 1,
    .variants = &variant,
};
