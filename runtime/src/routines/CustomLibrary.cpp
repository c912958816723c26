//===- CustomLibrary.cpp - Libraries of custom operators ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/CustomLibrary.h"

#include <cstring>
#include <dlfcn.h>
#include <exception>
#include <utility>

using namespace fsc::runtime;

CustomLibrary::CustomLibrary(CustomLibrary &&other) noexcept
    : file(std::move(other.file)), handle(std::exchange(other.handle, nullptr)),
      library(std::exchange(other.library, nullptr)) {}

CustomLibrary::~CustomLibrary() {
  if (handle)
    dlclose(handle);
}

std::string CustomLibrary::load(const std::string &path) {
  // Without a slash dlopen would look in the library path.
  size_t slash = path.rfind('/');
  file = slash == std::string::npos ? path : path.substr(slash + 1);
  handle = dlopen(slash == std::string::npos ? ("./" + path).c_str() : path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *reason = dlerror();
    return "cannot load the library of custom operators '" + path + "': " + (reason ? reason : "unknown reason");
  }
  library = static_cast<const fsc_custom_library *>(dlsym(handle, FSC_CUSTOM_OP_SYMBOL));
  if (!library || library->magic != FSC_CUSTOM_OP_MAGIC)
    return "'" + path + "' is no library of custom operators: it does not export '" FSC_CUSTOM_OP_SYMBOL "'";
  if (library->version != FSC_CUSTOM_OP_VERSION || library->op_size != sizeof(fsc_custom_op))
    return "'" + path + "' has custom operators by version " + std::to_string(library->version) +
           " of fsc/custom_op.h, expected version " + std::to_string(FSC_CUSTOM_OP_VERSION) +
           ": build it with the header of this fsc";
  if (library->op_count > 0 && !library->ops)
    return "'" + path + "' has a malformed table of custom operators";
  for (const fsc_custom_op &op : ops())
    if (!op.domain || !op.name || !*op.name || !op.infer || !op.run)
      return "'" + path + "' has a custom operator without a domain, a name or one of its functions";
  return "";
}

std::string fsc::runtime::routineName(const fsc_custom_op &op) {
  return std::string(op.domain) + "::" + op.name + "@" + std::to_string(op.since);
}

//===----------------------------------------------------------------------===//
// CustomNode
//===----------------------------------------------------------------------===//

namespace {

template <typename T> const T *at(const fsc_abi_attribute *table, int64_t offset) {
  return reinterpret_cast<const T *>(reinterpret_cast<const char *>(table) + offset);
}

} // namespace

CustomNode::CustomNode(const fsc_abi_attribute *attributes, int64_t attributeCount)
    : fsc_custom_node{&table, 0, nullptr, 0, nullptr}, attributes(attributes), attributeCount(attributeCount) {}

const fsc_abi_attribute *CustomNode::find(const char *name, int64_t kind) const {
  for (int64_t i = 0; name && i < attributeCount; ++i)
    if (attributes[i].kind == kind && std::strcmp(at<char>(attributes, attributes[i].name), name) == 0)
      return &attributes[i];
  return nullptr;
}

int CustomNode::fail(const std::string &reason) {
  if (message.empty())
    message = reason.empty() ? "no reason given" : reason;
  return 1;
}

bool CustomNode::run(fsc_custom_function function) {
  int result = 1;
  try {
    result = function(this);
  } catch (const std::exception &error) {
    fail(std::string("the custom operator's library threw an exception: ") + error.what());
  } catch (...) {
    fail("the custom operator's library threw an exception");
  }
  if (result != 0)
    fail("the custom operator failed without a reason");
  return message.empty();
}

int CustomNode::setType(size_t, int32_t, int32_t, const int64_t *) {
  return fail("the custom operator gives a type outside of infer");
}
void *CustomNode::makeOutput(size_t, const int64_t *) {
  return fail("the custom operator makes an output outside of run"), nullptr;
}
void *CustomNode::allocate(size_t) { return fail("the custom operator asks for memory outside of run"), nullptr; }
fsc_string CustomNode::string(size_t, size_t) {
  return fail("the custom operator asks for a string outside of run"), fsc_string{"", 0};
}
int CustomNode::setString(size_t, size_t, const char *, size_t) {
  return fail("the custom operator sets a string outside of run");
}

const fsc_custom_functions CustomNode::table = {
    FSC_CUSTOM_OP_VERSION,
    sizeof(fsc_custom_functions),
    [](fsc_custom_node *node, const char *attribute, size_t *count) -> const int64_t * {
      const auto &self = *static_cast<CustomNode *>(node);
      const fsc_abi_attribute *found = self.find(attribute, FSC_ABI_INTS);
      *count = found ? size_t(found->count) : 0;
      return found ? at<int64_t>(self.attributes, found->values) : nullptr;
    },
    [](fsc_custom_node *node, const char *attribute, size_t *count) -> const double * {
      const auto &self = *static_cast<CustomNode *>(node);
      const fsc_abi_attribute *found = self.find(attribute, FSC_ABI_FLOATS);
      *count = found ? size_t(found->count) : 0;
      return found ? at<double>(self.attributes, found->values) : nullptr;
    },
    [](fsc_custom_node *node, const char *attribute, size_t index, fsc_string *text) {
      const auto &self = *static_cast<CustomNode *>(node);
      const fsc_abi_attribute *found = self.find(attribute, FSC_ABI_STRINGS);
      size_t count = found ? size_t(found->count) : 0;
      if (text && index < count) {
        const auto *pairs = at<int64_t>(self.attributes, found->values);
        *text = {at<char>(self.attributes, pairs[2 * index]), size_t(pairs[2 * index + 1])};
      }
      return count;
    },
    [](fsc_custom_node *node, const char *reason) {
      return static_cast<CustomNode *>(node)->fail(reason ? reason : "");
    },
    [](fsc_custom_node *node, size_t output, int32_t dtype, int32_t rank, const int64_t *dims) {
      return static_cast<CustomNode *>(node)->setType(output, dtype, rank, dims);
    },
    [](fsc_custom_node *node, size_t output, const int64_t *dims) {
      return static_cast<CustomNode *>(node)->makeOutput(output, dims);
    },
    [](fsc_custom_node *node, size_t bytes) { return static_cast<CustomNode *>(node)->allocate(bytes); },
    [](fsc_custom_node *node, size_t input, size_t index) {
      return static_cast<CustomNode *>(node)->string(input, index);
    },
    [](fsc_custom_node *node, size_t output, size_t index, const char *data, size_t size) {
      return static_cast<CustomNode *>(node)->setString(output, index, data, size);
    }};
