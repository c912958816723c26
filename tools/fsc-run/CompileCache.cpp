//===- CompileCache.cpp - An .onnx model becomes an artefact, once --------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/fsc-run/CompileCache.h"

#include "tools/common/ExternalData.h"
#include "tools/common/Files.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace fsc::tools;
namespace fs = std::filesystem;

extern "C" char **environ;

CompiledModel::CompiledModel(CompiledModel &&other) noexcept { *this = std::move(other); }

CompiledModel &CompiledModel::operator=(CompiledModel &&other) noexcept {
  std::swap(path, other.path);
  std::swap(cached, other.cached);
  std::swap(seconds, other.seconds);
  std::swap(scratch, other.scratch);
  return *this;
}

CompiledModel::~CompiledModel() {
  std::error_code ignored;
  if (!scratch.empty())
    fs::remove_all(scratch, ignored);
}

namespace {

constexpr uint64_t cacheBytes = uint64_t(4) << 30;

std::string findCompiler(const Options &options) {
  if (!options.compiler.empty())
    return options.compiler;
  std::error_code error;
  fs::path self = fs::read_symlink("/proc/self/exe", error);
  fs::path beside = self.parent_path() / "fsc-compile";
  if (error || access(beside.c_str(), X_OK) != 0)
    throw Refusal("cannot compile '" + options.model + "': expected fsc-compile at '" + beside.string() +
                  "'; name it with --compiler");
  return beside.string();
}

fs::path findCacheFolder(const Options &options) {
  if (!options.cacheFolder.empty())
    return options.cacheFolder;
  const char *cache = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
  if (cache && cache[0] == '/')
    return fs::path(cache) / "fsc";
  if (home && home[0] == '/')
    return fs::path(home) / ".cache" / "fsc";
  return fs::temp_directory_path() / ("fsc-" + std::to_string(getuid()));
}

/// The name of the folder for this model, compiler and options.
std::string cacheKey(const Options &options, const std::string &compiler) {
  XXH3_state_t *state = XXH3_createState();
  XXH3_128bits_reset(state);
  auto add = [&](std::string_view part) {
    uint64_t size = part.size(); // so that no two lists of parts give the same bytes
    XXH3_128bits_update(state, &size, sizeof(size));
    XXH3_128bits_update(state, part.data(), part.size());
  };
  try {
    std::string model = readFile(options.model);
    add(model);
    for (const std::string &file : externalDataFiles(options.model, model))
      add(readFile(file));
    for (const std::string &library : options.customOps)
      add(readFile(library));
  } catch (...) {
    XXH3_freeState(state);
    throw;
  }
  // The compiler is told by its place, size and time; reading all of it takes too long.
  struct stat info = {};
  if (stat(compiler.c_str(), &info) != 0) {
    XXH3_freeState(state);
    throw Refusal("cannot find the compiler '" + compiler + "': " + std::strerror(errno));
  }
  add(fs::absolute(compiler).string());
  int64_t identity[4] = {int64_t(info.st_size), int64_t(info.st_mtim.tv_sec), int64_t(info.st_mtim.tv_nsec),
                         int64_t(info.st_ino)};
  add(std::string_view(reinterpret_cast<const char *>(identity), sizeof(identity)));
  for (const std::string &argument : options.compileArguments)
    add(argument);
  XXH128_hash_t hash = XXH3_128bits_digest(state);
  XXH3_freeState(state);
  char text[40];
  std::snprintf(text, sizeof(text), "%016" PRIx64 "%016" PRIx64, uint64_t(hash.high64), uint64_t(hash.low64));
  return text;
}

/// Runs the compiler, without a shell. Its standard output goes to our standard error.
void runCompiler(const Options &options, const std::string &compiler, const std::string &output) {
  std::vector<std::string> words = {compiler, options.model, "-o", output};
  words.insert(words.end(), options.compileArguments.begin(), options.compileArguments.end());
  for (const std::string &library : options.customOps)
    words.push_back("--custom-ops=" + library);
  if (options.quiet || !isatty(STDERR_FILENO))
    words.push_back("--quiet");
  std::vector<char *> arguments;
  for (std::string &word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t child = 0;
  int error = posix_spawn(&child, compiler.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    throw Refusal("cannot run '" + compiler + "': " + std::strerror(error));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  if (WIFSIGNALED(status)) {
    std::fprintf(stderr, "fsc-run: '%s' was ended by signal %d (%s)\n", compiler.c_str(), WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    throw CompilerFailure{4};
  }
  int code = WEXITSTATUS(status);
  if (code != 0)
    throw CompilerFailure{code == 2 || code == 3 ? code : 4};
}

/// Removes the folders that were used longest ago until the rest fits.
void trimCache(const fs::path &cache) {
  struct Entry {
    fs::path path;
    fs::file_time_type used;
    uint64_t bytes = 0;
  };
  std::vector<Entry> entries;
  uint64_t total = 0;
  std::error_code error;
  for (const fs::directory_entry &folder : fs::directory_iterator(cache, error)) {
    Entry entry = {folder.path(), folder.last_write_time(error)};
    for (const fs::directory_entry &file : fs::directory_iterator(folder.path(), error))
      entry.bytes += file.is_regular_file(error) ? file.file_size(error) : 0;
    total += entry.bytes;
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) { return a.used < b.used; });
  // The newest is the one that we are about to use.
  for (size_t i = 0; i + 1 < entries.size() && total > cacheBytes; ++i) {
    fs::remove_all(entries[i].path, error);
    total -= entries[i].bytes;
  }
}

/// A new folder that no other process has.
std::string makeScratch(const fs::path &parent) {
  std::error_code error;
  fs::create_directories(parent, error);
  std::string name = (parent / "new-XXXXXX").string();
  if (!mkdtemp(name.data()))
    throw Refusal("cannot make a folder in '" + parent.string() + "': " + std::strerror(errno) +
                  "; name another with --cache-dir");
  return name;
}

} // namespace

CompiledModel fsc::tools::compileModel(const Options &options) {
  std::string compiler = findCompiler(options);
  fs::path cache = options.useCache ? findCacheFolder(options) : fs::temp_directory_path();
  fs::path kept = options.useCache ? cache / cacheKey(options, compiler) : fs::path();
  CompiledModel model;
  std::error_code error;
  if (options.useCache && fs::exists(kept / "model.so", error)) {
    fs::last_write_time(kept, fs::file_time_type::clock::now(), error);
    model.path = (kept / "model.so").string();
    model.cached = true;
    return model;
  }

  model.scratch = makeScratch(cache);
  model.path = model.scratch + "/model.so";
  auto start = std::chrono::steady_clock::now();
  runCompiler(options, compiler, model.path);
  model.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!options.useCache)
    return model;
  // Whole folders appear at once. If another process was faster, its work is as good.
  fs::rename(model.scratch, kept, error);
  if (!error)
    model.scratch.clear();
  if (fs::exists(kept / "model.so"))
    model.path = (kept / "model.so").string();
  trimCache(cache);
  return model;
}
