//===- Status.cpp - A failure with a message ------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/Status.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <new>

using namespace fsc::runtime;

struct fsc_status_object {
  fsc_code code;
  const char *message; // behind this object in the same allocation, or static
};

namespace {
fsc_status_object noMemory = {FSC_ERROR_OUT_OF_MEMORY, "out of memory"};
} // namespace

Status fsc::runtime::outOfMemory() { return Status(&noMemory); }

Status fsc::runtime::failure(fsc_code code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  va_list again;
  va_copy(again, arguments);
  int length = std::vsnprintf(nullptr, 0, format, arguments);
  va_end(arguments);

  fsc_status_object *object = nullptr;
  if (length >= 0)
    object = static_cast<fsc_status_object *>(std::malloc(sizeof(fsc_status_object) + size_t(length) + 1));
  if (object) {
    char *text = reinterpret_cast<char *>(object + 1);
    std::vsnprintf(text, size_t(length) + 1, format, again);
    new (object) fsc_status_object{code, text};
  }
  va_end(again);
  return object ? Status(object) : outOfMemory();
}

extern "C" fsc_code fsc_status_code(fsc_status status) { return status ? status->code : FSC_OK; }

extern "C" const char *fsc_status_message(fsc_status status) { return status ? status->message : ""; }

extern "C" void fsc_status_destroy(fsc_status status) {
  if (status && status != &noMemory)
    std::free(status);
}

extern "C" const char *fsc_code_name(fsc_code code) {
  switch (code) {
  case FSC_OK:
    return "ok";
  case FSC_ERROR_ARGUMENT:
    return "argument";
  case FSC_ERROR_INPUT:
    return "input";
  case FSC_ERROR_NOT_FOUND:
    return "not found";
  case FSC_ERROR_MODEL:
    return "model";
  case FSC_ERROR_UNSUPPORTED:
    return "unsupported";
  case FSC_ERROR_OUT_OF_MEMORY:
    return "out of memory";
  case FSC_ERROR_INTERNAL:
    return "internal";
  }
  return "unknown";
}
