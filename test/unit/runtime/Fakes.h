//===- Fakes.h - The artefacts that the tests load --------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TEST_UNIT_RUNTIME_FAKES_H
#define FSC_TEST_UNIT_RUNTIME_FAKES_H

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

namespace fsc::test {

/// The path of an artefact made from test/runtime/FakeModel.c.
inline std::string fake(const std::string &name) { return std::string(FSC_FAKE_FOLDER) + "/" + name; }

inline std::string readWhole(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// A file in the test's temporary folder, removed at the end.
class TemporaryFile {
public:
  TemporaryFile(const std::string &name, const std::string &contents)
      : path("/tmp/fsc-test-" + std::to_string(getpid()) + "-" + name) {
    write(contents);
  }
  ~TemporaryFile() { unlink(path.c_str()); }

  /// Replaces the file by a new one.
  void write(const std::string &contents) {
    std::string fresh = path + ".new";
    std::ofstream(fresh, std::ios::binary) << contents;
    (void)!rename(fresh.c_str(), path.c_str());
  }

  const std::string path;
};

/// A folder of this process's own with copies of artefacts, removed at the end.
class TemporaryFolder {
public:
  explicit TemporaryFolder(const std::string &artifact)
      : path("/tmp/fsc-test-" + std::to_string(getpid()) + "-folder") {
    std::filesystem::create_directory(path);
    std::filesystem::copy(fake(artifact), path + "/" + artifact);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }

  const std::string path;
};

} // namespace fsc::test

#endif // FSC_TEST_UNIT_RUNTIME_FAKES_H
