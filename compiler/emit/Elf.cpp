//===- Elf.cpp - Writes ELF files that no code generator makes ------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/Elf.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>
#include <elf.h>
#include <unistd.h>

using namespace llvm;
using namespace fsc;
using namespace fsc::emit;

namespace {

constexpr uint64_t pageSize = 4096;
constexpr char weightsSection[] = ".fsc.weights";

/// A string table under construction.
class Strings {
public:
  uint32_t add(StringRef text) {
    uint32_t offset = uint32_t(bytes.size());
    bytes.append(text.data(), text.size());
    bytes.push_back('\0');
    return offset;
  }
  std::string bytes = std::string(1, '\0');
};

template <typename T> void append(std::string &bytes, const T &value) {
  bytes.append(reinterpret_cast<const char *>(&value), sizeof(value));
}

/// A file of some sections. Section 0 is the null section; the section names come last.
class ElfWriter {
public:
  ElfWriter(uint16_t type, uint16_t machine) : type(type), machine(machine) { headers.push_back({}); }

  /// Adds a section of `size` bytes, of which `contents` are the first. Returns where it will lie in the file.
  uint64_t add(StringRef name, Elf64_Shdr header, std::string contents, uint64_t size) {
    header.sh_name = names.add(name);
    header.sh_offset = alignTo(end, std::max<uint64_t>(header.sh_addralign, 1));
    header.sh_size = size;
    end = header.sh_offset + size;
    headers.push_back(header);
    parts.push_back({header.sh_offset, std::move(contents)});
    return header.sh_offset;
  }

  std::error_code write(int descriptor) {
    Elf64_Shdr header = {};
    header.sh_type = SHT_STRTAB;
    header.sh_addralign = 1;
    uint32_t nameOffset = names.add(".shstrtab");
    uint64_t nameSize = names.bytes.size();
    add("", header, names.bytes, nameSize);
    headers.back().sh_name = nameOffset;

    Elf64_Ehdr file = {};
    std::memcpy(file.e_ident, ELFMAG, SELFMAG);
    file.e_ident[EI_CLASS] = ELFCLASS64;
    file.e_ident[EI_DATA] = ELFDATA2LSB;
    file.e_ident[EI_VERSION] = EV_CURRENT;
    file.e_type = type;
    file.e_machine = machine;
    file.e_version = EV_CURRENT;
    file.e_shoff = alignTo(end, 8);
    file.e_ehsize = sizeof(Elf64_Ehdr);
    file.e_shentsize = sizeof(Elf64_Shdr);
    file.e_shnum = uint16_t(headers.size());
    file.e_shstrndx = uint16_t(headers.size() - 1);

    std::string start, table;
    append(start, file);
    for (const Elf64_Shdr &section : headers)
      append(table, section);
    if (std::error_code failure = writeAt(descriptor, start, 0))
      return failure;
    for (const auto &[offset, contents] : parts)
      if (std::error_code failure = writeAt(descriptor, contents, offset))
        return failure;
    return writeAt(descriptor, table, file.e_shoff);
  }

private:
  uint16_t type, machine;
  Strings names;
  std::vector<Elf64_Shdr> headers;
  std::vector<std::pair<uint64_t, std::string>> parts;
  uint64_t end = sizeof(Elf64_Ehdr);
};

Elf64_Shdr sectionHeader(uint32_t type, uint64_t flags, uint64_t alignment) {
  Elf64_Shdr header = {};
  header.sh_type = type;
  header.sh_flags = flags;
  header.sh_addralign = alignment;
  return header;
}

/// Adds a symbol table and its strings as the next two sections, of which the first has number `index`.
void addSymbols(ElfWriter &writer, uint32_t index, bool dynamic, ArrayRef<Elf64_Sym> symbols, Strings strings) {
  std::string table;
  for (const Elf64_Sym &symbol : symbols)
    append(table, symbol);
  uint64_t flags = dynamic ? SHF_ALLOC : 0;
  Elf64_Shdr header = sectionHeader(dynamic ? SHT_DYNSYM : SHT_SYMTAB, flags, 8);
  header.sh_entsize = sizeof(Elf64_Sym);
  header.sh_link = index + 1;
  header.sh_info = 1; // the first global symbol
  uint64_t size = table.size();
  writer.add(dynamic ? ".dynsym" : ".symtab", header, std::move(table), size);
  size = strings.bytes.size();
  writer.add(dynamic ? ".dynstr" : ".strtab", sectionHeader(SHT_STRTAB, flags, 1), std::move(strings.bytes), size);
}

} // namespace

Error fsc::emit::checkWeights(const ArtifactSpec &spec) {
  for (const WeightPiece &piece : spec.weights)
    if (piece.offset < 0 || piece.offset > spec.weightsBytes ||
        int64_t(piece.data.size()) > spec.weightsBytes - piece.offset)
      return internalError("a piece of weights lies outside of them");
  return Error::success();
}

/// Makes the sections of a weights object. Returns where in the file the weights lie.
static uint64_t addWeights(ElfWriter &writer, const ArtifactSpec &spec, uint16_t machine, uint32_t type,
                           uint64_t flags) {
  // The large-data flag lets the linker put code and its constants together, however large the weights are.
  flags |= SHF_ALLOC | (machine == EM_X86_64 ? uint64_t(ELF::SHF_X86_64_LARGE) : 0);
  uint64_t start = writer.add(weightsSection, sectionHeader(type, flags, pageSize), "", uint64_t(spec.weightsBytes));
  Strings strings;
  Elf64_Sym symbol = {};
  symbol.st_name = strings.add(weightsSymbol);
  symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
  symbol.st_other = STV_HIDDEN;
  symbol.st_shndx = 1;
  symbol.st_size = uint64_t(spec.weightsBytes);
  addSymbols(writer, 2, /*dynamic=*/false, {Elf64_Sym{}, symbol}, std::move(strings));
  // Without this note the linker would take the object for one that needs an executable stack.
  writer.add(".note.GNU-stack", sectionHeader(SHT_PROGBITS, 0, 1), "", 0);
  return start;
}

/// Writes the pieces to where the weights begin. What lies between them is a hole in the file, which reads as zeros.
static std::error_code writePieces(const ArtifactSpec &spec, int descriptor, uint64_t start) {
  for (const WeightPiece &piece : spec.weights)
    if (std::error_code failure = writeAt(descriptor, piece.data, start + uint64_t(piece.offset)))
      return failure;
  return {};
}

Expected<ScratchFile> fsc::emit::writeWeightsObject(const ArtifactSpec &spec, uint16_t machine, StringRef path) {
  ElfWriter writer(ET_REL, machine);
  uint64_t start = addWeights(writer, spec, machine, SHT_PROGBITS, 0);
  Expected<ScratchFile> file = ScratchFile::beside(path);
  if (!file)
    return file.takeError();
  if (std::error_code failure = writer.write(file->descriptor()))
    return cannotWrite(path, failure);
  if (std::error_code failure = writePieces(spec, file->descriptor(), start))
    return cannotWrite(path, failure);
  return file;
}

Expected<ScratchFile> fsc::emit::writeWeightsPlaceholder(const ArtifactSpec &spec, uint16_t machine) {
  // Writable without contents is what the linker puts last, into a segment of its own.
  ElfWriter writer(ET_REL, machine);
  addWeights(writer, spec, machine, SHT_NOBITS, SHF_WRITE);
  Expected<ScratchFile> file = ScratchFile::inMemory();
  if (!file)
    return file.takeError();
  if (std::error_code failure = writer.write(file->descriptor()))
    return cannotWrite("a file in memory", failure);
  return file;
}

Error fsc::emit::attachWeights(const ArtifactSpec &spec, StringRef path, StringRef name) {
  int fd;
  if (std::error_code failure = sys::fs::openFileForReadWrite(path, fd, sys::fs::CD_OpenExisting, sys::fs::OF_None))
    return cannotWrite(name, failure);
  auto close = make_scope_exit([fd] { ::close(fd); });
  uint64_t size = 0;
  if (std::error_code failure = sys::fs::file_size(path, size))
    return cannotWrite(name, failure);
  uint64_t end = 0;
  {
    std::error_code failure;
    sys::fs::mapped_file_region image(sys::fs::convertFDToNativeFile(fd), sys::fs::mapped_file_region::readwrite, size,
                                      0, failure);
    if (failure)
      return cannotWrite(name, failure);
    auto *file = reinterpret_cast<Elf64_Ehdr *>(image.data());
    MutableArrayRef<Elf64_Phdr> segments(reinterpret_cast<Elf64_Phdr *>(image.data() + file->e_phoff), file->e_phnum);
    MutableArrayRef<Elf64_Shdr> sections(reinterpret_cast<Elf64_Shdr *>(image.data() + file->e_shoff), file->e_shnum);
    const char *names = image.data() + sections[file->e_shstrndx].sh_offset;
    auto *section = find_if(sections, [&](const Elf64_Shdr &header) {
      return StringRef(names + header.sh_name) == weightsSection && header.sh_type == SHT_NOBITS;
    });
    if (section == sections.end())
      return internalError("the linker lost the weights");
    auto *segment = find_if(segments, [&](const Elf64_Phdr &header) {
      return header.p_type == PT_LOAD && header.p_vaddr == section->sh_addr;
    });
    // Code that is shared by sessions must not have state, so nothing else can be in the segment.
    if (segment == segments.end() || segment->p_filesz != 0 || segment->p_memsz != section->sh_size)
      return internalError("compiled code has global variables that are not constant");
    // A loader maps whole pages: offset and address must agree within one.
    segment->p_offset = alignTo(size, segment->p_align) + section->sh_addr % segment->p_align;
    segment->p_filesz = segment->p_memsz;
    segment->p_flags = PF_R;
    section->sh_type = SHT_PROGBITS;
    section->sh_flags &= ~uint64_t(SHF_WRITE);
    section->sh_offset = segment->p_offset;
    end = segment->p_offset;
  }
  if (std::error_code failure = sys::fs::resize_file(fd, end + uint64_t(spec.weightsBytes)))
    return cannotWrite(name, failure);
  if (std::error_code failure = writePieces(spec, fd, end))
    return cannotWrite(name, failure);
  return Error::success();
}

Expected<ScratchFile> fsc::emit::writeLibraryStub(StringRef soname, ArrayRef<std::string> symbols, uint16_t machine) {
  ElfWriter writer(ET_DYN, machine);
  Strings strings;
  std::vector<Elf64_Sym> table(1);
  for (const std::string &name : symbols) {
    Elf64_Sym symbol = {};
    symbol.st_name = strings.add(name);
    symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    symbol.st_shndx = SHN_ABS;
    table.push_back(symbol);
  }
  std::string dynamic;
  append(dynamic, Elf64_Dyn{DT_SONAME, {strings.add(soname)}});
  append(dynamic, Elf64_Dyn{DT_NULL, {0}});
  addSymbols(writer, 1, /*dynamic=*/true, table, std::move(strings));
  Elf64_Shdr header = sectionHeader(SHT_DYNAMIC, SHF_ALLOC, 8);
  header.sh_entsize = sizeof(Elf64_Dyn);
  header.sh_link = 2;
  uint64_t size = dynamic.size();
  writer.add(".dynamic", header, std::move(dynamic), size);

  Expected<ScratchFile> file = ScratchFile::inMemory();
  if (!file)
    return file.takeError();
  if (std::error_code failure = writer.write(file->descriptor()))
    return cannotWrite(soname, failure);
  return file;
}
