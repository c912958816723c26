//===- ElfFile.cpp - A look at an artefact before it is loaded ------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Accepts: a 64-bit little-endian shared object for this machine whose program
// and section headers, loadable segments and sections lie within the file, and
// whose dynamic symbol table defines FSC_ABI_SYMBOL in the bytes of a segment,
// with our magic number and version.
// Refuses: everything else, by the first thing that is wrong.
//
//===----------------------------------------------------------------------===//

#include "runtime/src/ElfFile.h"

#include "runtime/abi/Artifact.h"

#include <cstdint>
#include <cstring>
#include <elf.h>
#include <optional>

using namespace fsc::runtime;

namespace {

#if defined(__x86_64__)
constexpr uint16_t hostMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t hostMachine = EM_AARCH64;
#else
#error "the runtime does not know this machine"
#endif

const char *machineName(uint16_t machine) {
  switch (machine) {
  case EM_X86_64:
    return "x86-64";
  case EM_AARCH64:
    return "aarch64";
  case EM_386:
    return "32-bit x86";
  case EM_ARM:
    return "32-bit arm";
  case EM_RISCV:
    return "risc-v";
  }
  return "another machine";
}

/// The bytes of a file, read with bounds checks.
class Image {
public:
  Image(const void *data, size_t size) : bytes(static_cast<const unsigned char *>(data)), size(size) {}

  bool holds(uint64_t offset, uint64_t length) const { return offset <= size && length <= size - offset; }

  template <typename T> std::optional<T> read(uint64_t offset) const {
    if (!holds(offset, sizeof(T)))
      return std::nullopt;
    T value;
    std::memcpy(&value, bytes + offset, sizeof(T));
    return value;
  }

  /// True if the string at `offset` is `expected`.
  bool stringIs(uint64_t offset, const char *expected) const {
    size_t length = std::strlen(expected) + 1;
    return holds(offset, length) && std::memcmp(bytes + offset, expected, length) == 0;
  }

private:
  const unsigned char *bytes;
  uint64_t size;
};

class Inspector {
public:
  Inspector(const char *path, Image image) : path(path), image(image) {}
  Status run();

private:
  Status truncated() const {
    return failure(FSC_ERROR_MODEL, "'%s' is truncated: expected a whole shared object", path);
  }
  Status noArtifact() const {
    return failure(FSC_ERROR_MODEL, "'%s' is no fsc artefact: it does not export '%s'", path, FSC_ABI_SYMBOL);
  }
  Status checkHeader();
  Status checkSegments();
  Status checkSections();
  Status findSymbol(Elf64_Sym &symbol);
  Status checkDescriptor(const Elf64_Sym &symbol);

  const char *path;
  Image image;
  Elf64_Ehdr header = {};
};

Status Inspector::checkHeader() {
  auto ident = image.read<uint32_t>(0);
  uint32_t magic;
  std::memcpy(&magic, ELFMAG, SELFMAG);
  if (!ident || *ident != magic)
    return failure(FSC_ERROR_MODEL, "'%s' is no fsc artefact: expected a shared object (ELF)", path);
  auto read = image.read<Elf64_Ehdr>(0);
  if (!read)
    return truncated();
  header = *read;
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_machine != hostMachine)
    return failure(FSC_ERROR_UNSUPPORTED, "'%s' was compiled for %s: expected code for %s", path,
                   machineName(header.e_machine), machineName(hostMachine));
  if (header.e_type != ET_DYN)
    return failure(FSC_ERROR_MODEL, "'%s' is no fsc artefact: expected a shared object, got an ELF file of type %u",
                   path, unsigned(header.e_type));
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 || header.e_phnum == PN_XNUM)
    return failure(FSC_ERROR_MODEL, "'%s' is damaged: it has no program headers", path);
  if (!image.holds(header.e_phoff, uint64_t(header.e_phnum) * sizeof(Elf64_Phdr)))
    return truncated();
  return success();
}

Status Inspector::checkSegments() {
  bool dynamic = false;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment = *image.read<Elf64_Phdr>(header.e_phoff + uint64_t(i) * sizeof(Elf64_Phdr));
    if (segment.p_type != PT_LOAD && segment.p_type != PT_DYNAMIC)
      continue;
    if (!image.holds(segment.p_offset, segment.p_filesz))
      return truncated();
    if (segment.p_filesz > segment.p_memsz)
      return failure(FSC_ERROR_MODEL, "'%s' is damaged: segment %u is larger in the file than in memory", path, i);
    dynamic |= segment.p_type == PT_DYNAMIC;
  }
  if (!dynamic)
    return failure(FSC_ERROR_MODEL, "'%s' is no fsc artefact: it is not linked dynamically", path);
  return success();
}

Status Inspector::checkSections() {
  if (header.e_shoff == 0 || header.e_shnum == 0)
    return noArtifact();
  if (header.e_shentsize != sizeof(Elf64_Shdr))
    return failure(FSC_ERROR_MODEL, "'%s' is damaged: its section headers have a wrong size", path);
  if (!image.holds(header.e_shoff, uint64_t(header.e_shnum) * sizeof(Elf64_Shdr)))
    return truncated();
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section = *image.read<Elf64_Shdr>(header.e_shoff + uint64_t(i) * sizeof(Elf64_Shdr));
    if (section.sh_type != SHT_NULL && section.sh_type != SHT_NOBITS &&
        !image.holds(section.sh_offset, section.sh_size))
      return truncated();
  }
  return success();
}

Status Inspector::findSymbol(Elf64_Sym &symbol) {
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section = *image.read<Elf64_Shdr>(header.e_shoff + uint64_t(i) * sizeof(Elf64_Shdr));
    if (section.sh_type != SHT_DYNSYM)
      continue;
    auto names = image.read<Elf64_Shdr>(header.e_shoff + uint64_t(section.sh_link) * sizeof(Elf64_Shdr));
    if (section.sh_link >= header.e_shnum || !names)
      return failure(FSC_ERROR_MODEL, "'%s' is damaged: its symbol table has no names", path);
    for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= section.sh_size; at += sizeof(Elf64_Sym)) {
      Elf64_Sym entry = *image.read<Elf64_Sym>(section.sh_offset + at);
      if (entry.st_shndx == SHN_UNDEF || entry.st_name >= names->sh_size ||
          !image.stringIs(names->sh_offset + entry.st_name, FSC_ABI_SYMBOL))
        continue;
      symbol = entry;
      return success();
    }
  }
  return noArtifact();
}

/// The magic number, version and size are plain data: they can be read from the
/// file, before any of its code could run.
Status Inspector::checkDescriptor(const Elf64_Sym &symbol) {
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment = *image.read<Elf64_Phdr>(header.e_phoff + uint64_t(i) * sizeof(Elf64_Phdr));
    if (segment.p_type != PT_LOAD || symbol.st_value < segment.p_vaddr)
      continue;
    uint64_t inside = symbol.st_value - segment.p_vaddr;
    if (inside >= segment.p_filesz)
      continue;
    auto magic = image.read<uint64_t>(segment.p_offset + inside + offsetof(fsc_abi_artifact, magic));
    auto version = image.read<uint32_t>(segment.p_offset + inside + offsetof(fsc_abi_artifact, version));
    auto size = image.read<uint32_t>(segment.p_offset + inside + offsetof(fsc_abi_artifact, size));
    if (!magic || *magic != FSC_ABI_MAGIC || !version || !size)
      return failure(FSC_ERROR_MODEL, "'%s' is no fsc artefact: '%s' has a wrong magic number", path, FSC_ABI_SYMBOL);
    if (*version != FSC_ABI_VERSION)
      return failure(FSC_ERROR_MODEL, "'%s' has interface version %u: this runtime expects version %u; %s", path,
                     *version, FSC_ABI_VERSION,
                     *version > FSC_ABI_VERSION ? "use a newer runtime" : "compile the model again");
    if (*size < sizeof(fsc_abi_artifact) || inside + sizeof(fsc_abi_artifact) > segment.p_filesz)
      return failure(FSC_ERROR_MODEL, "'%s' is damaged: its descriptor has %u bytes, expected %zu", path, *size,
                     sizeof(fsc_abi_artifact));
    return success();
  }
  return failure(FSC_ERROR_MODEL, "'%s' is damaged: '%s' lies outside of its segments", path, FSC_ABI_SYMBOL);
}

Status Inspector::run() {
  if (Status status = checkHeader())
    return status;
  if (Status status = checkSegments())
    return status;
  if (Status status = checkSections())
    return status;
  Elf64_Sym symbol;
  if (Status status = findSymbol(symbol))
    return status;
  return checkDescriptor(symbol);
}

} // namespace

Status fsc::runtime::checkArtifactFile(const char *path, const void *data, size_t size) {
  return Inspector(path, Image(data, size)).run();
}
