//===- Files.h - Scratch and output files -----------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_EMIT_FILES_H
#define FSC_COMPILER_EMIT_FILES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstdint>
#include <memory>
#include <string>

namespace fsc::emit {

/// A failure that only a defect of the compiler can cause.
llvm::Error internalError(const llvm::Twine &message);
/// "cannot write 'path': reason"
llvm::Error cannotWrite(llvm::StringRef path, std::error_code reason);

/// Writes all of `data` at `offset`.
std::error_code writeAt(int descriptor, llvm::ArrayRef<char> data, uint64_t offset);

/// A file without a name, gone when it is closed, however this process ends.
class ScratchFile {
public:
  ScratchFile() = default;
  ScratchFile(ScratchFile &&other) noexcept;
  ScratchFile &operator=(ScratchFile &&other) noexcept;
  ~ScratchFile();

  /// In memory: for what is small.
  static llvm::Expected<ScratchFile> inMemory();
  /// On the disk of `path`, which is the file that it will become a part of.
  static llvm::Expected<ScratchFile> beside(llvm::StringRef path);

  int descriptor() const { return fd; }
  /// A path under which others (the linker) can open it while it is open here.
  std::string path() const;
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> map() const;

private:
  explicit ScratchFile(int fd) : fd(fd) {}
  int fd = -1;
};

/// A file that gets its name when it is complete, and is removed if it never is.
class OutputFile {
public:
  OutputFile() = default;
  OutputFile(OutputFile &&other) noexcept;
  OutputFile &operator=(OutputFile &&) = delete;
  ~OutputFile();

  /// Refuses a path where something else than a regular file is.
  static llvm::Expected<OutputFile> create(llvm::StringRef path, bool executable = false);

  int descriptor() const { return fd; }
  const std::string &temporaryPath() const { return temporary; }
  llvm::Error write(llvm::ArrayRef<char> data, uint64_t offset);
  /// Fails if the disk has no room for `bytes`. The linker maps its output, and a full disk would then end the process.
  llvm::Error checkRoom(uint64_t bytes) const;
  /// Gives the file its name.
  llvm::Error commit();

private:
  int fd = -1;
  std::string destination, temporary;
};

} // namespace fsc::emit

#endif // FSC_COMPILER_EMIT_FILES_H
