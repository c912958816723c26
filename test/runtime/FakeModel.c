//===- FakeModel.c - An artefact for the tests of the runtime -------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
/*
   An artefact written by hand, so that the runtime is tested without the compiler.

     y[b, j] = (x[b, j] + bias[j]) * mask[b]      x: [batch, 3], mask: [batch]
     total   = the sum of y

   bias is the weights: {1, 1, 1}. The kernel runs over the batch; its sums go
   through memory of the host's allocator, and total through the arena.

   The first element of x may be an order to misbehave: see enum order.
   The macros below make what the tests refuse: FAKE_VERSION, FAKE_MAGIC,
   FAKE_FEATURE, FAKE_TARGET, FAKE_STATIC (batch is 4), FAKE_WEIGHTS_FILE with
   FAKE_WEIGHTS_HASH, FAKE_BIAS, FAKE_BAD_COUNT, FAKE_LEAST with FAKE_MOST (batch). */

#include "runtime/abi/Artifact.h"

#ifndef FAKE_VERSION
#define FAKE_VERSION FSC_ABI_VERSION
#endif
#ifndef FAKE_MAGIC
#define FAKE_MAGIC FSC_ABI_MAGIC
#endif
#ifndef FAKE_TARGET
#define FAKE_TARGET "cpu"
#endif
#ifndef FAKE_BIAS
#define FAKE_BIAS 1
#endif

enum order {
  ORDER_FAIL = -1,             /* fails with a message of its own */
  ORDER_FAIL_IN_KERNEL = -2,   /* each task fails */
  ORDER_NEGATIVE_SIZE = -3,    /* asks for a negative amount of memory */
  ORDER_LEAK = -4,             /* releases nothing */
  ORDER_NEST = -5,             /* starts a kernel inside of a kernel */
  ORDER_NO_OUTPUT = -6,        /* never asks for its outputs */
  ORDER_WRONG_OUTPUT = -7,     /* asks for an output of a wrong size */
  ORDER_HUGE = -8,             /* asks for more memory than there is */
  ORDER_SILENT_FAILURE = -9,   /* returns a code without a reason */
  ORDER_ADDRESS = -11,         /* total becomes 22 bits of the address of x */
  ORDER_UNKNOWN_ROUTINE = -10, /* fails unless an unknown routine is null */
  ORDER_RESERVE = -12,         /* has the arena made a MiB long, and fills it */
  ORDER_RESERVE_HUGE = -13,    /* asks for a longer one than there can be */
  ORDER_FAIL_WITH = -14        /* fails with numbers in the message */
};

#if defined(__clang__) || defined(__GNUC__)
__attribute__((visibility("default")))
#endif
extern const fsc_abi_artifact fsc_artifact;

static void nested(fsc_abi_context *context, const int64_t *words, void *scratch, int64_t begin, int64_t end) {
  (void)context, (void)words, (void)scratch, (void)begin, (void)end;
}

static void rows(fsc_abi_context *context, const int64_t *words, void *scratch, int64_t begin, int64_t end) {
  const float *x = (const float *)words[0], *mask = (const float *)words[1], *bias = (const float *)words[2];
  float *y = (float *)words[3], *sums = (float *)words[4];
  float *row = (float *)scratch;
  if (words[5] == ORDER_FAIL_IN_KERNEL)
    context->host->fail(context, FSC_ABI_ERROR_INVALID_ARGUMENT, "node 'rows': a task failed");
  if (words[5] == ORDER_NEST)
    context->host->parallel(context, 0, nested, words, 1, 1);
  for (int64_t b = begin; b < end; ++b) {
    for (int j = 0; j < 3; ++j)
      row[j] = (x[3 * b + j] + bias[j]) * mask[b];
    sums[b] = 0;
    for (int j = 0; j < 3; ++j) {
      y[3 * b + j] = row[j];
      sums[b] += row[j];
    }
  }
}

static int32_t misbehave(fsc_abi_context *context, int order) {
  const fsc_abi_host *host = context->host;
  int64_t wrong[2] = {1, 99};
  switch (order) {
  case ORDER_FAIL:
    return host->fail(context, FSC_ABI_ERROR_INVALID_ARGUMENT, "node 'x': the value is out of range");
  case ORDER_NEGATIVE_SIZE:
    host->allocate(context, -1);
    return FSC_ABI_ERROR_INVALID_ARGUMENT;
  case ORDER_HUGE:
    host->allocate(context, INT64_MAX);
    return FSC_ABI_ERROR_OUT_OF_MEMORY;
  case ORDER_WRONG_OUTPUT:
    host->output(context, 0, wrong);
    return FSC_ABI_ERROR_INTERNAL;
  case ORDER_SILENT_FAILURE:
    return 77;
  case ORDER_RESERVE:
    if (host->reserve(context, 1 << 20))
      return FSC_ABI_ERROR_OUT_OF_MEMORY;
    for (int i = 0; i < 1 << 20; ++i)
      ((char *)context->arena)[i] = 1;
    return FSC_ABI_OK;
  case ORDER_RESERVE_HUGE:
    return host->reserve(context, (int64_t)1 << 48);
  case ORDER_FAIL_WITH:
    return host->fail_with(context, FSC_ABI_ERROR_INVALID_ARGUMENT, "expected {1} and {1}, got {0} {", -5, 7);
  case ORDER_UNKNOWN_ROUTINE:
    return host->routine(context, "no such routine") ? FSC_ABI_ERROR_INTERNAL
                                                     : host->fail(context, FSC_ABI_ERROR_INTERNAL, "no routine");
  }
  return FSC_ABI_OK;
}

static int32_t run(fsc_abi_context *context) {
  const fsc_abi_host *host = context->host;
  const float *x = (const float *)context->inputs[0].data;
  int64_t batch = context->inputs[0].dims[0];
  int order = batch > 0 ? (int)x[0] : 0;
  int32_t code = misbehave(context, order);
  if (code || order == ORDER_NO_OUTPUT)
    return code;

  int64_t dims[2] = {batch, 3};
  float *y = (float *)host->output(context, 0, dims);
  float *total = (float *)host->output(context, 1, dims);
  if (!y || !total)
    return FSC_ABI_ERROR_INTERNAL;
#ifdef FAKE_STATIC
  float *sums = (float *)((char *)context->arena + 64);
#else
  float *sums = (float *)host->allocate(context, batch * (int64_t)sizeof(float));
  if (!sums)
    return FSC_ABI_ERROR_OUT_OF_MEMORY;
#endif
  int64_t words[6] = {
      (int64_t)x, (int64_t)context->inputs[1].data, (int64_t)context->weights, (int64_t)y, (int64_t)sums, order};
  code = host->parallel(context, 0, rows, words, batch, 5000);
  if (code)
    return code;

  float *sum = (float *)context->arena;
  *sum = 0;
  for (int64_t b = 0; b < batch; ++b)
    *sum += sums[b];
  *total = order == ORDER_ADDRESS ? (float)((uintptr_t)x >> 2 & 0x3fffff) : *sum;
#ifndef FAKE_STATIC
  if (order != ORDER_LEAK)
    host->release(context, sums);
#endif
  return FSC_ABI_OK;
}

#ifdef FAKE_STATIC
static const fsc_abi_dim xDims[2] = {{4, -1}, {3, -1}}, maskDims[1] = {{4, -1}};
#else
static const fsc_abi_dim xDims[2] = {{FSC_ABI_DYNAMIC, 0}, {3, -1}}, maskDims[1] = {{FSC_ABI_DYNAMIC, 0}};
#endif
static const fsc_abi_value inputs[2] = {{"x", 1, 2, xDims, 0}, {"mask", 1, 1, maskDims, 0}};
static const fsc_abi_value outputs[2] = {{"y", 1, 2, xDims, 0}, {"total", 1, 0, 0, 0}};
static const char *const symbols[1] = {"batch"};
#ifdef FAKE_LEAST
static const fsc_abi_range ranges[1] = {{FAKE_LEAST, FAKE_MOST}};
#endif
static const fsc_abi_kernel kernels[1] = {{"rows", "Add_0,Mul_1", "pointwise", 0, 0}};

#ifdef FAKE_FEATURE
static const char *const unknown[2] = {FAKE_FEATURE, 0};
static const fsc_abi_variant variants[1] = {{"x86-64-v9", unknown, run, 256, 64}};
#define VARIANT_COUNT 1
#else
static const char *const none[1] = {0};
static const char *const unknown[2] = {"no-such-feature", 0};
static const fsc_abi_variant variants[2] = {{"best", unknown, run, 256, 64}, {"baseline", none, run, 256, 64}};
#define VARIANT_COUNT 2
#endif

#ifndef FAKE_WEIGHTS_FILE
static const float bias[16] __attribute__((aligned(4096))) = {FAKE_BIAS, FAKE_BIAS, FAKE_BIAS};
#endif

const fsc_abi_artifact fsc_artifact = {
    FAKE_MAGIC,
    FAKE_VERSION,
    sizeof(fsc_abi_artifact),
    FAKE_TARGET,
    "fake",
    "{\"compiler\": \"by hand\"}",
#ifdef FAKE_BAD_COUNT
    -1,
#else
    2,
#endif
    inputs,
    2,
    outputs,
    1,
    symbols,
    1,
    kernels,
    VARIANT_COUNT,
    variants,
    12,
#ifdef FAKE_WEIGHTS_FILE
    0,
    FAKE_WEIGHTS_FILE,
    FAKE_WEIGHTS_HASH,
#else
    bias,
    0,
    0,
#endif
    0, /* strings */
    0,
    0, /* routines */
    0,
#ifdef FAKE_LEAST
    ranges,
#else
    0,
#endif
};

/* A constructor that must not run before the file is known to be one of ours. */
#ifdef FAKE_CONSTRUCTOR
#include <stdlib.h>
__attribute__((constructor)) static void constructed(void) { abort(); }
#endif
