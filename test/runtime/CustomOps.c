//===- CustomOps.c - Custom operators for the tests -----------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
/* Operators of the domain `test`: those that use what there is, and those that break the rules.
   test_custom_ops.py builds it. */

#include <fsc/custom_op.h>
#include <stdio.h>
#include <string.h>

static size_t elements(const fsc_custom_tensor *tensor) {
  size_t count = 1;
  for (int32_t axis = 0; axis < tensor->rank; ++axis)
    count *= (size_t)tensor->dims[axis];
  return count;
}

static int like_first(fsc_custom_node *node) {
  const fsc_custom_tensor *x = &node->inputs[0];
  return fsc_custom_set_type(node, 0, x->dtype, x->rank, x->dims);
}

/* y = x * factor + bias, the bias a scalar that may be left out. */
static int scale(fsc_custom_node *node) {
  const fsc_custom_tensor *x = &node->inputs[0];
  float *y = fsc_custom_output(node, 0, x->dims);
  double factor = fsc_custom_float(node, "factor", 2);
  float bias = fsc_custom_has_input(node, 2) ? *(const float *)node->inputs[2].data : 0;
  if (!y)
    return 1;
  for (size_t i = 0; i < elements(x); ++i)
    y[i] = (float)(((const float *)x->data)[i] * factor) + bias;
  return 0;
}

/* The positive elements, and how many there are. */
static int positive_infer(fsc_custom_node *node) {
  const int64_t unknown[1] = {-1};
  return fsc_custom_set_type(node, 0, node->inputs[0].dtype, 1, unknown) ||
         fsc_custom_set_type(node, 1, FSC_INT64, 0, NULL);
}
static int positive(fsc_custom_node *node) {
  const float *x = node->inputs[0].data;
  size_t count = elements(&node->inputs[0]);
  float *kept = fsc_custom_allocate(node, count * sizeof(float) + 1);
  int64_t size[1] = {0};
  if (!kept)
    return 1;
  for (size_t i = 0; i < count; ++i)
    if (x[i] > 0)
      kept[size[0]++] = x[i];
  if (fsc_custom_wants_output(node, 0)) {
    float *y = fsc_custom_output(node, 0, size);
    if (!y)
      return 1;
    memcpy(y, kept, (size_t)size[0] * sizeof(float));
  }
  if (fsc_custom_wants_output(node, 1)) {
    int64_t *z = fsc_custom_output(node, 1, NULL);
    if (!z)
      return 1;
    *z = size[0];
  }
  return 0;
}

/* Strings with an end. */
static int shout(fsc_custom_node *node) {
  const fsc_custom_tensor *x = &node->inputs[0];
  fsc_string end = {"!", 1};
  char text[256];
  fsc_custom_texts(node, "end", 0, &end);
  if (!fsc_custom_output(node, 0, x->dims))
    return 1;
  for (size_t i = 0; i < elements(x); ++i) {
    fsc_string string = fsc_custom_string(node, 0, i);
    int size = snprintf(text, sizeof text, "%.*s%.*s", (int)string.size, string.data, (int)end.size, end.data);
    if (fsc_custom_set_string(node, 0, i, text, (size_t)size))
      return 1;
  }
  return 0;
}

/* A vector of `value`, as long as a constant operand says. */
static int fill_infer(fsc_custom_node *node) {
  const int64_t *length = node->inputs[0].data;
  int64_t dims[1] = {length ? *length : -1};
  return fsc_custom_set_type(node, 0, FSC_INT64, 1, dims);
}
static int fill(fsc_custom_node *node) {
  const int64_t *length = node->inputs[0].data;
  int64_t *y = fsc_custom_output(node, 0, length);
  if (!y)
    return 1;
  for (int64_t i = 0; i < *length; ++i)
    y[i] = fsc_custom_integer(node, "value", 7);
  return 0;
}

static int write_form(fsc_custom_node *node, int64_t form) {
  int64_t *y = fsc_custom_output(node, 0, NULL);
  if (!y)
    return 1;
  *y = form;
  return 0;
}
static int form_infer(fsc_custom_node *node) { return fsc_custom_set_type(node, 0, FSC_INT64, 0, NULL); }
static int form1(fsc_custom_node *node) { return write_form(node, 1); }
static int form3(fsc_custom_node *node) { return write_form(node, 3); }

static int refuse(fsc_custom_node *node) { return fsc_custom_fail(node, "the moon is full"); }
static int silent(fsc_custom_node *node) { return (void)node, 1; }
static int nothing(fsc_custom_node *node) { return (void)node, 0; }
static int longer(fsc_custom_node *node) {
  int64_t dims[1] = {node->inputs[0].dims[0] + 1};
  return !fsc_custom_output(node, 0, dims);
}
static int negative(fsc_custom_node *node) {
  const int64_t dims[1] = {-1};
  return !fsc_custom_output(node, 0, dims);
}
static int twice(fsc_custom_node *node) {
  return !fsc_custom_output(node, 0, node->inputs[0].dims) || !fsc_custom_output(node, 0, node->inputs[0].dims);
}
static int huge(fsc_custom_node *node) { return !fsc_custom_allocate(node, (size_t)1 << 60); }
static int no_string(fsc_custom_node *node) { return fsc_custom_string(node, 0, 0).size != 0; }
static int no_such_type(fsc_custom_node *node) { return fsc_custom_set_type(node, 0, 77, 0, NULL); }
static int no_such_output(fsc_custom_node *node) { return fsc_custom_set_type(node, 9, FSC_FLOAT32, 0, NULL); }
static int run_in_infer(fsc_custom_node *node) { return !fsc_custom_output(node, 0, NULL); }

static const fsc_custom_op ops[] = {
    {"test", "Scale", 1, like_first, scale},
    {"test", "Positive", 1, positive_infer, positive},
    {"test", "Shout", 1, like_first, shout},
    {"test", "Fill", 1, fill_infer, fill},
    {"test", "Form", 1, form_infer, form1},
    {"test", "Form", 3, form_infer, form3},
    {"test", "New", 9, like_first, scale},
    {"test", "FailsInRun", 1, like_first, refuse},
    {"test", "FailsSilently", 1, like_first, silent},
    {"test", "MakesNothing", 1, like_first, nothing},
    {"test", "MakesMore", 1, like_first, longer},
    {"test", "MakesLess", 1, like_first, negative},
    {"test", "MakesTwice", 1, like_first, twice},
    {"test", "TakesAll", 1, like_first, huge},
    {"test", "ReadsStrings", 1, like_first, no_string},
    {"test", "FailsInInfer", 1, refuse, scale},
    {"test", "InfersNothing", 1, nothing, scale},
    {"test", "InfersNoType", 1, no_such_type, scale},
    {"test", "InfersNoOutput", 1, no_such_output, scale},
    {"test", "RunsInInfer", 1, run_in_infer, scale},
};
FSC_CUSTOM_OPS(ops)
