//===- RuntimeModule.cpp - Routines in libraries of their own -------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/RuntimeModule.h"

#include <climits>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <link.h>
#include <memory>
#include <unistd.h>
#include <utility>

using namespace fsc::runtime;

const char *fsc::runtime::moduleOf(const char *routine) {
  struct Entry {
    const char *routine, *module;
  };
  // What is made with FSC_ROUTINE in the folders of runtime/modules, as the build finds it.
  static constexpr Entry table[] = {
#define FSC_ENTRY(NAME, FOLDER) {#NAME, #FOLDER},
#include "fsc-modules.inc"
#undef FSC_ENTRY
  };
  for (const Entry &entry : table)
    if (std::strcmp(entry.routine, routine) == 0)
      return entry.module;
  return nullptr;
}

namespace {

std::string folderOf(const std::string &path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

/// The file that holds this code: a library, or the program.
std::string ownFile() {
  Dl_info info;
  link_map *map = nullptr;
  void *extra = nullptr;
  if (dladdr1(reinterpret_cast<void *>(&moduleOf), &info, &extra, RTLD_DL_LINKMAP) != 0)
    map = static_cast<link_map *>(extra);
  // The program's own entry has no name.
  const char *path = map && map->l_name && *map->l_name ? map->l_name : "/proc/self/exe";
  std::unique_ptr<char, decltype(&std::free)> whole(realpath(path, nullptr), std::free);
  return whole ? whole.get() : "";
}

std::string list(const std::vector<std::string> &folders) {
  std::string text;
  for (const std::string &folder : folders)
    text += (text.empty() ? "'" : ", '") + folder + "'";
  return text;
}

} // namespace

std::vector<std::string> fsc::runtime::moduleFolders() {
  std::vector<std::string> folders;
  if (const char *variable = secure_getenv("FSC_MODULE_PATH"))
    for (const char *at = variable; *at;) {
      size_t length = std::strcspn(at, ":");
      if (length > 0)
        folders.emplace_back(at, length);
      at += length + (at[length] == ':');
    }
  if (std::string own = ownFile(); !own.empty()) {
    folders.push_back(folderOf(own));
    folders.push_back(folderOf(folderOf(own)) + "/lib");
  }
  return folders;
}

RuntimeModule::RuntimeModule(RuntimeModule &&other) noexcept
    : handle(std::exchange(other.handle, nullptr)), descriptor(std::exchange(other.descriptor, nullptr)) {}

RuntimeModule::~RuntimeModule() {
  if (handle)
    dlclose(handle);
}

Status RuntimeModule::load(const char *path, const char *name, const fsc_abi_routine &wanted) {
  std::string file = std::string("libfsc-") + name + ".so", found;
  std::vector<std::string> folders = moduleFolders();
  for (const std::string &folder : folders)
    if (found.empty() && access((folder + "/" + file).c_str(), F_OK) == 0)
      found = folder + "/" + file;
  // What else it stands on stays loaded: libraries do not all bear to be unloaded.
  handle = dlopen((found.empty() ? file : found).c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!handle && found.empty())
    return failure(FSC_ERROR_NOT_FOUND,
                   "%s: '%s' needs the runtime module '%s', and there is no %s in %s or the system's library path; it "
                   "is in the folder lib of fsc: put it beside the program, or name its folder in FSC_MODULE_PATH",
                   wanted.node, path, name, file.c_str(), list(folders).c_str());
  if (!handle) {
    const char *reason = dlerror();
    return failure(FSC_ERROR_NOT_FOUND,
                   "%s: '%s' needs the runtime module '%s', which cannot be loaded: %s; install the libraries that it "
                   "stands on",
                   wanted.node, path, name, reason ? reason : found.c_str());
  }
  descriptor = static_cast<const fsc_abi_routine_module *>(dlsym(handle, FSC_ABI_MODULE_SYMBOL));
  if (!descriptor || descriptor->magic != FSC_ABI_MODULE_MAGIC || descriptor->version != FSC_ABI_VERSION ||
      descriptor->size < sizeof(fsc_abi_routine_module) || !descriptor->find(wanted.name))
    return failure(FSC_ERROR_UNSUPPORTED,
                   "%s: '%s' needs the runtime module '%s', but %s is of another version of fsc than the runtime",
                   wanted.node, path, name, (found.empty() ? file : found).c_str());
  return success();
}
