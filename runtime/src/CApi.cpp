//===- CApi.cpp - The C interface over the classes ------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function checks its pointers and turns exceptions, which only the standard
// library throws here, into statuses.
//
//===----------------------------------------------------------------------===//

#include "runtime/include/fsc/fsc.h"

#include "runtime/src/Module.h"
#include "runtime/src/Session.h"

#include <cstring>
#include <exception>
#include <new>
#include <string>

using namespace fsc::runtime;

namespace {

template <typename Body> fsc_status guarded(Body body) noexcept {
  try {
    Status status = body();
    return status.release();
  } catch (const std::bad_alloc &) {
    return outOfMemory().release();
  } catch (const std::exception &error) {
    return failure(FSC_ERROR_INTERNAL, "unexpected exception: %s", error.what()).release();
  }
}

Status isNull(const char *what) { return failure(FSC_ERROR_ARGUMENT, "the %s is null", what); }

Status find(const char *kind, const std::vector<fsc_value> &values, const char *name, size_t &index) {
  std::string names;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::strcmp(values[i].name, name) == 0) {
      index = i;
      return success();
    }
    names += (i ? ", '" : "'") + std::string(values[i].name) + "'";
  }
  return failure(FSC_ERROR_NOT_FOUND, "no %s is named '%s': the model has %s", kind, name,
                 names.empty() ? "none" : names.c_str());
}

} // namespace

#define FSC_STRING(x) #x
#define FSC_STRING_OF(x) FSC_STRING(x)
extern "C" const char *fsc_version(void) { return FSC_STRING_OF(FSC_VERSION); }

// ---- Module

extern "C" fsc_status fsc_module_load(const char *path, fsc_module **module) {
  return fsc_module_load_with(path, nullptr, module);
}

extern "C" fsc_status fsc_module_load_with(const char *path, const fsc_module_options *options, fsc_module **module) {
  return guarded([&]() -> Status {
    if (!path || !module)
      return isNull(path ? "result" : "path");
    if (options && options->size != sizeof(fsc_module_options))
      return failure(FSC_ERROR_ARGUMENT, "expected options of %zu bytes, got %zu: set options.size to their size",
                     sizeof(fsc_module_options), options->size);
    if (options && options->custom_op_library_count > 0 && !options->custom_op_libraries)
      return isNull("list of libraries of custom operators");
    std::span<const char *const> customOps;
    if (options)
      customOps = {options->custom_op_libraries, options->custom_op_library_count};
    auto loaded = std::make_shared<Module>();
    if (Status status = loaded->load(path, customOps))
      return status;
    *module = new fsc_module{std::move(loaded)};
    return success();
  });
}

extern "C" void fsc_module_destroy(fsc_module *module) { delete module; }

extern "C" const char *fsc_module_name(const fsc_module *module) { return module->module->artifact().name; }

extern "C" const char *fsc_module_target(const fsc_module *module) { return module->module->artifact().target; }

extern "C" const char *fsc_module_cpu(const fsc_module *module) { return module->module->variant().cpu; }

extern "C" const char *fsc_module_provenance(const fsc_module *module) { return module->module->artifact().provenance; }

extern "C" int64_t fsc_module_weights_bytes(const fsc_module *module) {
  return module->module->artifact().weights_bytes;
}

extern "C" int64_t fsc_module_arena_bytes(const fsc_module *module) { return module->module->variant().arena_bytes; }

extern "C" size_t fsc_module_input_count(const fsc_module *module) { return module->module->inputs().values.size(); }

extern "C" size_t fsc_module_output_count(const fsc_module *module) { return module->module->outputs().values.size(); }

extern "C" const fsc_value *fsc_module_input(const fsc_module *module, size_t index) {
  const std::vector<fsc_value> &values = module->module->inputs().values;
  return index < values.size() ? &values[index] : nullptr;
}

extern "C" const fsc_value *fsc_module_output(const fsc_module *module, size_t index) {
  const std::vector<fsc_value> &values = module->module->outputs().values;
  return index < values.size() ? &values[index] : nullptr;
}

extern "C" fsc_status fsc_module_find_input(const fsc_module *module, const char *name, size_t *index) {
  return guarded([&]() -> Status {
    if (!module || !name || !index)
      return isNull("argument");
    return find("input", module->module->inputs().values, name, *index);
  });
}

extern "C" fsc_status fsc_module_find_output(const fsc_module *module, const char *name, size_t *index) {
  return guarded([&]() -> Status {
    if (!module || !name || !index)
      return isNull("argument");
    return find("output", module->module->outputs().values, name, *index);
  });
}

extern "C" size_t fsc_module_symbol_count(const fsc_module *module) {
  return size_t(module->module->artifact().symbol_count);
}

extern "C" const char *fsc_module_symbol(const fsc_module *module, size_t index) {
  return index < fsc_module_symbol_count(module) ? module->module->artifact().symbols[index] : nullptr;
}

extern "C" fsc_status fsc_module_symbol_range(const fsc_module *module, size_t index, int64_t *least, int64_t *most) {
  return guarded([&]() -> Status {
    if (!module || !least || !most)
      return isNull("argument");
    if (index >= fsc_module_symbol_count(module))
      return failure(FSC_ERROR_ARGUMENT, "there is no symbol %zu: the module has %zu", index,
                     fsc_module_symbol_count(module));
    const fsc_abi_range *ranges = module->module->artifact().ranges;
    *least = ranges ? ranges[index].least : 0;
    *most = ranges ? ranges[index].most : INT64_MAX;
    return success();
  });
}

extern "C" size_t fsc_module_kernel_count(const fsc_module *module) {
  return size_t(module->module->artifact().kernel_count);
}

extern "C" fsc_status fsc_module_kernel(const fsc_module *module, size_t index, fsc_kernel *kernel) {
  return guarded([&]() -> Status {
    if (!module || !kernel)
      return isNull("argument");
    if (index >= fsc_module_kernel_count(module))
      return failure(FSC_ERROR_ARGUMENT, "there is no kernel %zu: the module has %zu", index,
                     fsc_module_kernel_count(module));
    const fsc_abi_kernel &entry = module->module->artifact().kernels[index];
    *kernel = {entry.name, entry.location, entry.anchor, entry.flops, entry.bytes};
    return success();
  });
}

// ---- Session

extern "C" fsc_status fsc_session_create(fsc_module *module, const fsc_session_options *options,
                                         fsc_session **session) {
  return guarded([&]() -> Status {
    if (!module || !session)
      return isNull(module ? "result" : "module");
    if (options && options->size != sizeof(fsc_session_options))
      return failure(FSC_ERROR_ARGUMENT, "expected options of %zu bytes, got %zu: set options.size to their size",
                     sizeof(fsc_session_options), options->size);
    std::unique_ptr<fsc_session> created(new fsc_session{Session(module->module)});
    if (Status status = created->session.create(options ? options->threads : 0))
      return status;
    *session = created.release();
    return success();
  });
}

extern "C" void fsc_session_destroy(fsc_session *session) { delete session; }

extern "C" int32_t fsc_session_threads(const fsc_session *session) { return session->session.threads(); }

extern "C" fsc_status fsc_session_run(fsc_session *session, const fsc_tensor *inputs, size_t input_count,
                                      fsc_tensor *outputs, size_t output_count) {
  return guarded([&]() -> Status {
    if (!session)
      return isNull("session");
    return session->session.run(inputs, input_count, outputs, output_count);
  });
}

extern "C" fsc_status fsc_session_set_output_allocator(fsc_session *session, fsc_output_allocator allocator,
                                                       void *user) {
  return guarded([&]() -> Status {
    if (!session)
      return isNull("session");
    session->session.setOutputAllocator(allocator, user);
    return success();
  });
}

extern "C" fsc_status fsc_session_profile(fsc_session *session, int enable) {
  return guarded([&]() -> Status {
    if (!session)
      return isNull("session");
    session->session.profile(enable != 0);
    return success();
  });
}

extern "C" fsc_status fsc_session_kernel_time(const fsc_session *session, size_t kernel, fsc_kernel_time *time) {
  return guarded([&]() -> Status {
    if (!session || !time)
      return isNull("argument");
    if (!session->session.kernelTime(kernel, *time))
      return failure(FSC_ERROR_ARGUMENT, "there is no time for kernel %zu: turn profiling on, or ask for less", kernel);
    return success();
  });
}
