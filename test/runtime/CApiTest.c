//===- CApiTest.c - The C interface, compiled as C99 ----------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads FakeModel.c's artefacts from the folder that the first argument names, and uses
// the interface as a program in C would.
//
//===----------------------------------------------------------------------===//

#include "fsc/fsc.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;

static void expect(int condition, const char *claim) {
  if (condition)
    return;
  fprintf(stderr, "expected: %s\n", claim);
  ++failures;
}

static void expect_ok(fsc_status status, const char *call) {
  if (status)
    fprintf(stderr, "%s: %s\n", call, fsc_status_message(status));
  expect(status == NULL, call);
  fsc_status_destroy(status);
}

static void expect_failure(fsc_status status, fsc_code code, const char *message) {
  expect(fsc_status_code(status) == code, message);
  if (!strstr(fsc_status_message(status), message))
    fprintf(stderr, "expected '%s' in '%s'\n", message, fsc_status_message(status));
  expect(strstr(fsc_status_message(status), message) != NULL, message);
  fsc_status_destroy(status);
}

static void queries_tell_the_signature(const fsc_module *module) {
  size_t index = 99;
  fsc_kernel kernel;
  const fsc_value *x = fsc_module_input(module, 0);
  expect(strcmp(fsc_module_name(module), "fake") == 0, "the module's name");
  expect(strcmp(fsc_module_target(module), "cpu") == 0, "the module's target");
  expect(strcmp(fsc_module_cpu(module), "baseline") == 0, "the first variant that this machine can run");
  expect(strstr(fsc_module_provenance(module), "by hand") != NULL, "the provenance");
  expect(fsc_module_weights_bytes(module) == 12, "the size of the weights");
  expect(fsc_module_input_count(module) == 2 && fsc_module_output_count(module) == 2, "two inputs, two outputs");
  expect(strcmp(x->name, "x") == 0 && x->dtype == FSC_FLOAT32 && x->rank == 2, "input 0");
  expect(x->dims[0].size == -1 && strcmp(x->dims[0].symbol, "batch") == 0, "a symbolic dim");
  expect(x->dims[1].size == 3 && x->dims[1].symbol == NULL, "a static dim");
  expect(fsc_module_input(module, 2) == NULL && fsc_module_output(module, 2) == NULL, "no third value");
  expect_ok(fsc_module_find_input(module, "mask", &index), "fsc_module_find_input");
  expect(index == 1, "mask is input 1");
  expect_failure(fsc_module_find_input(module, "z", &index), FSC_ERROR_NOT_FOUND,
                 "no input is named 'z': the model has 'x', 'mask'");
  int64_t least = -1, most = -1;
  expect_ok(fsc_module_symbol_range(module, 0, &least, &most), "fsc_module_symbol_range");
  expect(least == 0 && most == INT64_MAX, "a symbol without a range");
  expect_failure(fsc_module_symbol_range(module, 1, &least, &most), FSC_ERROR_ARGUMENT,
                 "there is no symbol 1: the module has 1");
  expect(fsc_module_symbol_count(module) == 1 && strcmp(fsc_module_symbol(module, 0), "batch") == 0, "the symbol");
  expect_ok(fsc_module_kernel(module, 0, &kernel), "fsc_module_kernel");
  expect(strcmp(kernel.location, "Add_0,Mul_1") == 0, "the kernel's nodes");
  expect_failure(fsc_module_kernel(module, 1, &kernel), FSC_ERROR_ARGUMENT, "there is no kernel 1");
  expect(strcmp(fsc_dtype_name(FSC_INT64), "int64") == 0 && fsc_dtype_bits(FSC_INT4) == 4, "types");
  expect(fsc_dtype_name(99) == NULL && fsc_dtype_bits(-1) == 0, "numbers that name no type");
}

static void runs_and_reports(fsc_module *module) {
  fsc_session_options options = {sizeof(fsc_session_options), 2};
  fsc_session *session = NULL;
  float x[6] = {1, 2, 3, 4, 5, 6}, mask[2] = {1, 10}, y[6] = {0};
  int64_t dims[2] = {2, 3}, short_dims[1] = {1};
  fsc_tensor inputs[2] = {{NULL, FSC_FLOAT32, 2, NULL, NULL}, {NULL, FSC_FLOAT32, 1, NULL, NULL}};
  fsc_tensor outputs[2];
  fsc_kernel_time time;
  memset(outputs, 0, sizeof(outputs));
  inputs[0].data = x;
  inputs[0].dims = dims;
  inputs[1].data = mask;
  inputs[1].dims = dims;

  expect_ok(fsc_session_create(module, &options, &session), "fsc_session_create");
  expect(fsc_session_threads(session) == 2, "two threads");
  expect_failure(fsc_session_kernel_time(session, 0, &time), FSC_ERROR_ARGUMENT, "turn profiling on");
  expect_ok(fsc_session_profile(session, 1), "fsc_session_profile");

  outputs[0].data = y;
  outputs[0].dtype = FSC_FLOAT32;
  outputs[0].rank = 2;
  outputs[0].dims = dims;
  expect_ok(fsc_session_run(session, inputs, 2, outputs, 2), "fsc_session_run");
  expect(y[0] == 2 && y[5] == 70, "y = (x + 1) * mask in the caller's buffer");
  expect(outputs[1].data != NULL && outputs[1].rank == 0 && *(float *)outputs[1].data == 189, "the sum of y");
  expect_ok(fsc_session_kernel_time(session, 0, &time), "fsc_session_kernel_time");
  expect(time.calls == 1 && time.tasks == 2, "one call of two tasks");

  inputs[1].dims = short_dims;
  expect_failure(fsc_session_run(session, inputs, 2, outputs, 2), FSC_ERROR_INPUT,
                 "input 'mask': dim 0 is 1, but 'batch' is 2 from input 'x'");
  expect_failure(fsc_session_run(session, inputs, 1, outputs, 2), FSC_ERROR_INPUT, "expected 2 inputs, got 1");
  expect_failure(fsc_session_run(NULL, inputs, 2, outputs, 2), FSC_ERROR_ARGUMENT, "the session is null");
  fsc_session_destroy(session);
}

static void *allocated = NULL;

static void *allocate_output(void *user, size_t index, size_t bytes) {
  (void)index;
  expect(bytes == 5, "an output of 9 elements of 4 bits takes 5 bytes");
  return allocated = user;
}

/* The artefact copies 9 elements of 4 bits, which are packed here and have a byte each in compiled code. */
static void packs_narrow_elements(const char *folder) {
  char path[4096];
  fsc_module *module = NULL;
  fsc_session *session = NULL;
  unsigned char x[5] = {0x21, 0x43, 0x65, 0x87, 0xf9}, y[6] = {0, 0, 0, 0, 0, 99}, z[5];
  const unsigned char copied[5] = {0x21, 0x43, 0x65, 0x87, 0x09};
  int64_t dims[2] = {3, 3}, strides[2] = {3, 1};
  fsc_tensor input = {NULL, FSC_INT4, 2, NULL, NULL}, output = {NULL, FSC_INT4, 2, NULL, NULL};
  snprintf(path, sizeof(path), "%s/copy-22.so", folder);
  expect_ok(fsc_module_load(path, &module), "fsc_module_load");
  expect_ok(fsc_session_create(module, NULL, &session), "fsc_session_create");
  input.data = x;
  input.dims = output.dims = dims;
  output.data = y;
  expect_ok(fsc_session_run(session, &input, 1, &output, 1), "a run into a buffer that is given");
  expect(memcmp(y, copied, 5) == 0 && y[5] == 99, "packed elements, the rest of the last byte 0, nothing after it");
  output.data = NULL;
  expect_ok(fsc_session_run(session, &input, 1, &output, 1), "a run into memory of the session's own");
  expect(memcmp(output.data, copied, 5) == 0, "packed elements in the session's memory");
  /* That memory is the next run's input. */
  input.data = output.data;
  output.data = NULL;
  expect_ok(fsc_session_run(session, &input, 1, &output, 1), "a run on the last one's output");
  expect(memcmp(output.data, copied, 5) == 0 && output.data != input.data, "packed elements in other memory");
  output.data = x;
  input.data = x;
  expect_ok(fsc_session_run(session, &input, 1, &output, 1), "a run into its own input");
  expect(memcmp(x, copied, 5) == 0, "packed elements in the place of the input");
  expect_ok(fsc_session_set_output_allocator(session, allocate_output, z), "fsc_session_set_output_allocator");
  output.data = NULL;
  expect_ok(fsc_session_run(session, &input, 1, &output, 1), "a run into memory of the allocator's");
  expect(output.data == (void *)z && memcmp(z, copied, 5) == 0, "packed elements in the allocator's memory");
  input.strides = strides;
  expect_failure(fsc_session_run(session, &input, 1, &output, 1), FSC_ERROR_INPUT,
                 "an array of int4 cannot have strides");
  fsc_session_destroy(session);
  fsc_module_destroy(module);
}

int main(int argc, char **argv) {
  char path[4096];
  fsc_module *module = NULL;
  fsc_session *session = NULL;
  fsc_session_options options = {sizeof(fsc_session_options), -1}, unsized = {0, 1};
  if (argc != 2)
    return 2;
  snprintf(path, sizeof(path), "%s/dynamic.so", argv[1]);
  expect_failure(fsc_module_load("/nowhere/model.so", &module), FSC_ERROR_NOT_FOUND, "cannot open");
  expect_failure(fsc_module_load(NULL, &module), FSC_ERROR_ARGUMENT, "the path is null");
  {
    const char *libraries[1] = {"/nowhere/libcustom.so"};
    fsc_module_options options = {sizeof options, libraries, 1};
    expect_failure(fsc_module_load_with(path, &options, &module), FSC_ERROR_NOT_FOUND, "library of custom operators");
    options.custom_op_libraries = NULL;
    expect_failure(fsc_module_load_with(path, &options, &module), FSC_ERROR_ARGUMENT, "is null");
    options.size = 1;
    expect_failure(fsc_module_load_with(path, &options, &module), FSC_ERROR_ARGUMENT, "set options.size");
  }
  expect_ok(fsc_module_load(path, &module), "fsc_module_load");
  if (!module)
    return 1;
  queries_tell_the_signature(module);
  runs_and_reports(module);
  packs_narrow_elements(argv[1]);
  expect_failure(fsc_session_create(module, &options, &session), FSC_ERROR_ARGUMENT, "expected 0 to 1024 threads");
  expect_failure(fsc_session_create(module, &unsized, &session), FSC_ERROR_ARGUMENT, "set options.size");
  expect(session == NULL, "a failed call writes no result");
  expect(fsc_status_code(NULL) == FSC_OK && strcmp(fsc_status_message(NULL), "") == 0, "NULL is success");
  expect(strcmp(fsc_code_name(FSC_ERROR_INPUT), "input") == 0, "the code's name");
  expect(strlen(fsc_version()) > 0, "the version");
  fsc_module_destroy(module);
  fsc_module_destroy(NULL);
  fsc_session_destroy(NULL);
  fsc_status_destroy(NULL);
  return failures != 0;
}
