//===- Npz.cpp - NumPy's .npz files ---------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/common/Files.h"
#include "tools/common/Numpy.h"

#include <algorithm>
#include <zlib.h>

using namespace fsc::tools;

namespace {

/// Little-endian numbers of a zip file.
uint64_t number(std::string_view bytes, size_t at, size_t size, const std::string &what) {
  if (at > bytes.size() || size > bytes.size() - at)
    throw Refusal(what + ": the zip file is truncated");
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i)
    value |= uint64_t(uint8_t(bytes[at + i])) << (8 * i);
  return value;
}

std::string_view part(std::string_view bytes, uint64_t at, uint64_t size, const std::string &what) {
  if (at > bytes.size() || size > bytes.size() - at)
    throw Refusal(what + ": the zip file is truncated");
  return bytes.substr(at, size);
}

struct Member {
  std::string name;
  uint64_t flags, method, crc, packedSize, size, header;
};

/// The 64-bit sizes of an extra field replace those that are all ones, in order.
void readZip64(std::string_view extra, Member &member, const std::string &what) {
  for (size_t at = 0; at + 4 <= extra.size();) {
    uint64_t id = number(extra, at, 2, what), length = number(extra, at + 2, 2, what);
    std::string_view field = part(extra, at + 4, length, what);
    at += 4 + length;
    if (id != 1)
      continue;
    size_t next = 0;
    for (uint64_t *value : {&member.size, &member.packedSize, &member.header})
      if (*value == 0xffffffff) {
        *value = number(field, next, 8, what);
        next += 8;
      }
  }
}

std::vector<Member> readDirectory(std::string_view bytes, const std::string &what) {
  constexpr std::string_view endMark("PK\x05\x06", 4), end64Mark("PK\x06\x06", 4), entryMark("PK\x01\x02", 4);
  // The end record is followed by a comment of at most 64 KiB.
  size_t from = bytes.size() > 22 + 65535 ? bytes.size() - 22 - 65535 : 0;
  size_t end = bytes.substr(from).rfind(endMark);
  if (end == std::string_view::npos)
    throw Refusal(what + ": expected a zip file (.npz)");
  end += from;
  part(bytes, end, 22, what);
  uint64_t count = number(bytes, end + 10, 2, what), at = number(bytes, end + 16, 4, what);
  if ((count == 0xffff || at == 0xffffffff) && end >= 20) {
    uint64_t record = number(bytes, end - 20 + 8, 8, what);
    if (part(bytes, record, 4, what) == end64Mark) {
      count = number(bytes, record + 32, 8, what);
      at = number(bytes, record + 48, 8, what);
    }
  }
  std::vector<Member> members;
  for (uint64_t i = 0; i < count; ++i) {
    if (part(bytes, at, 46, what).substr(0, 4) != entryMark)
      throw Refusal(what + ": the directory of the zip file is damaged");
    uint64_t nameLength = number(bytes, at + 28, 2, what), extraLength = number(bytes, at + 30, 2, what);
    Member member = {std::string(part(bytes, at + 46, nameLength, what)),
                     number(bytes, at + 8, 2, what),
                     number(bytes, at + 10, 2, what),
                     number(bytes, at + 16, 4, what),
                     number(bytes, at + 20, 4, what),
                     number(bytes, at + 24, 4, what),
                     number(bytes, at + 42, 4, what)};
    readZip64(part(bytes, at + 46 + nameLength, extraLength, what), member, what);
    if (endsWith(member.name, ".npy"))
      member.name.resize(member.name.size() - 4);
    members.push_back(std::move(member));
    at += 46 + nameLength + extraLength + number(bytes, at + 32, 2, what);
  }
  return members;
}

std::string inflateMember(std::string_view packed, const Member &member, const std::string &what) {
  // Deflate packs no better than 1:1032, so a larger claim is false.
  if (member.size / 1032 > packed.size() + 64)
    throw Refusal(what + ": the size of member '" + member.name + "' cannot be true");
  std::string result(member.size, '\0');
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    throw Refusal(what + ": cannot unpack");
  size_t in = 0, out = 0;
  int code = Z_OK;
  // zlib counts in 32 bits.
  constexpr size_t step = size_t(1) << 30;
  while (code == Z_OK) {
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(packed.data() + in));
    stream.avail_in = uInt(std::min(step, packed.size() - in));
    stream.next_out = reinterpret_cast<Bytef *>(result.data() + out);
    stream.avail_out = uInt(std::min(step, result.size() - out));
    uInt inBefore = stream.avail_in, outBefore = stream.avail_out;
    code = inflate(&stream, Z_NO_FLUSH);
    in += inBefore - stream.avail_in;
    out += outBefore - stream.avail_out;
  }
  inflateEnd(&stream);
  if (code != Z_STREAM_END || out != result.size())
    throw Refusal(what + ": member '" + member.name + "' is damaged");
  return result;
}

std::string unpack(std::string_view bytes, const Member &member, const std::string &what) {
  const std::string which = what + ": member '" + member.name + "'";
  constexpr std::string_view headerMark("PK\x03\x04", 4);
  if (part(bytes, member.header, 30, what).substr(0, 4) != headerMark || (member.flags & 1) != 0)
    throw Refusal(which + " is damaged or encrypted");
  // The local header has a name and an extra field of its own.
  uint64_t skipped = 30 + number(bytes, member.header + 26, 2, what) + number(bytes, member.header + 28, 2, what);
  std::string_view rest = part(bytes, member.header, bytes.size() - member.header, what);
  std::string_view packed = part(rest, skipped, member.packedSize, what);
  std::string data;
  if (member.method == 0 && member.size == packed.size())
    data = std::string(packed);
  else if (member.method == 8)
    data = inflateMember(packed, member, what);
  else
    throw Refusal(which + " is packed in an unknown way");
  if (crc32_z(0, reinterpret_cast<const Bytef *>(data.data()), data.size()) != member.crc)
    throw Refusal(which + " is damaged: its checksum is wrong");
  return data;
}

} // namespace

std::vector<std::string> fsc::tools::npzNames(std::string_view bytes, const std::string &what) {
  std::vector<std::string> names;
  for (const Member &member : readDirectory(bytes, what))
    names.push_back(member.name);
  return names;
}

std::string fsc::tools::readNpzMember(std::string_view bytes, const std::string &name, const std::string &what) {
  std::string names;
  for (const Member &member : readDirectory(bytes, what)) {
    if (member.name == name)
      return unpack(bytes, member, what);
    names += names.empty() ? "'" : ", '";
    names.append(member.name).append("'");
  }
  throw Refusal(what + ": expected a member '" + name + "', got " + (names.empty() ? "none" : names));
}
