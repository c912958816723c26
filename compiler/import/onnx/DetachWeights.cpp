//===- DetachWeights.cpp - A model's bytes without its weights ------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The walk is guided by protobuf's descriptors, so it knows of the format only
// the field it looks for. The reference is an entry of external_data, with a key
// that no ONNX version has.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/DetachWeights.h"

#include "compiler/Diagnostics.h"
#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringExtras.h"

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

namespace fsc {

static constexpr llvm::StringLiteral referenceKey = "fsc.mapped";

namespace {

enum WireType { varint = 0, fixed64 = 1, delimited = 2, fixed32 = 5 };

class Walk {
public:
  Walk(llvm::StringRef encoded, const Limits &limits) : encoded(encoded), limits(limits) {}

  /// Appends the message of type `type` in [position, end) to `out`.
  llvm::Error message(const Descriptor *type, size_t end, int depth);

  std::string out;

private:
  llvm::Error malformed() const {
    return llvm::createStringError("expected a model in ONNX's protobuf format, got malformed data at byte " +
                                   llvm::Twine(position));
  }
  llvm::Expected<uint64_t> readVarint(size_t end);
  llvm::Error skip(uint64_t wireType, size_t end);
  llvm::Error submessage(const Descriptor *type, uint64_t tag, size_t end, int depth);
  void writeVarint(uint64_t value);
  void writeReference(size_t size);

  llvm::StringRef encoded;
  const Limits &limits;
  size_t position = 0;
  size_t values = 0;
};

} // namespace

llvm::Expected<uint64_t> Walk::readVarint(size_t end) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && position < end; shift += 7) {
    uint8_t byte = encoded[position++];
    value |= uint64_t(byte & 0x7f) << shift;
    if (!(byte & 0x80))
      return value;
  }
  return malformed();
}

void Walk::writeVarint(uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out.push_back(char(value | 0x80));
  out.push_back(char(value));
}

/// Moves over a field that is no message.
llvm::Error Walk::skip(uint64_t wireType, size_t end) {
  uint64_t size = 0;
  if (wireType == varint)
    return readVarint(end).takeError();
  if (wireType == fixed64)
    size = 8;
  else if (wireType == fixed32)
    size = 4;
  else
    return malformed(); // groups, which no ONNX version has
  if (size > end - position)
    return malformed();
  position += size;
  return llvm::Error::success();
}

llvm::Error Walk::submessage(const Descriptor *type, uint64_t tag, size_t end, int depth) {
  writeVarint(tag);
  // The size is known only afterwards: room for a varint padded to its five bytes.
  constexpr int sizeBytes = 5;
  size_t sizeAt = out.size();
  out.append(sizeBytes, 0);
  if (llvm::Error error = message(type, end, depth + 1))
    return error;
  uint64_t size = out.size() - sizeAt - sizeBytes;
  for (int i = 0; i < sizeBytes; ++i, size >>= 7)
    out[sizeAt + i] = char((size & 0x7f) | (i + 1 < sizeBytes ? 0x80 : 0));
  return llvm::Error::success();
}

void Walk::writeReference(size_t size) {
  onnx::StringStringEntryProto entry;
  entry.set_key(referenceKey.str());
  entry.set_value(std::to_string(position) + ":" + std::to_string(size));
  std::string bytes = entry.SerializeAsString();
  writeVarint(onnx::TensorProto::kExternalDataFieldNumber << 3 | delimited);
  writeVarint(bytes.size());
  out += bytes;
}

/// Texts that messages and tables repeat; not those that only describe, nor values.
static bool isName(const FieldDescriptor *field) {
  return field && field->type() == FieldDescriptor::TYPE_STRING && field->name() != "doc_string" &&
         field->containing_type() != onnx::StringStringEntryProto::descriptor();
}

llvm::Error Walk::message(const Descriptor *type, size_t end, int depth) {
  constexpr size_t minDetached = 1024;
  if (depth > limits.messages)
    return codedError(Code::limit, "expected at most " + llvm::Twine(limits.messages) +
                                       " levels of nested messages, got more at byte " + llvm::Twine(position));
  while (position < end) {
    size_t start = position;
    llvm::Expected<uint64_t> tag = readVarint(end);
    if (!tag)
      return tag.takeError();
    uint64_t number = *tag >> 3, wireType = *tag & 7;
    if (number == 0 || *tag > UINT32_MAX)
      return malformed();
    const FieldDescriptor *field = type->FindFieldByNumber(int(number));
    if (wireType != delimited) {
      if (llvm::Error error = skip(wireType, end))
        return error;
      out.append(encoded.data() + start, position - start);
      continue;
    }
    llvm::Expected<uint64_t> size = readVarint(end);
    if (!size)
      return size.takeError();
    if (*size > end - position)
      return malformed();
    bool isMessage = field && field->type() == FieldDescriptor::TYPE_MESSAGE;
    if (!field || isMessage || (field->is_repeated() && !field->is_packable()))
      if (++values > size_t(limits.entries))
        return codedError(Code::limit, "expected a model of at most " + llvm::Twine(limits.entries) +
                                           " nodes, names and other entries, got more");
    if (isMessage) {
      if (llvm::Error error = submessage(field->message_type(), *tag, position + *size, depth))
        return error;
      continue;
    }
    if (type == onnx::TensorProto::descriptor() && number == onnx::TensorProto::kRawDataFieldNumber &&
        *size >= minDetached)
      writeReference(*size);
    else
      out.append(encoded.data() + start, position + *size - start);
    if (isName(field) && *size > uint64_t(limits.name))
      return codedError(Code::limit, "expected names of at most " + llvm::Twine(limits.name) + " bytes, got one of " +
                                         llvm::Twine(*size));
    position += *size;
    if (out.size() > maxParsedBytes)
      return codedError(Code::limit,
                        "expected at most " + llvm::Twine(maxParsedBytes) + " bytes beside raw data, got more");
  }
  return llvm::Error::success();
}

llvm::Expected<std::string> detachWeights(llvm::StringRef encoded, const Limits &limits) {
  Walk walk(encoded, limits);
  if (llvm::Error error = walk.message(onnx::ModelProto::descriptor(), encoded.size(), 0))
    return error;
  return std::move(walk.out);
}

std::optional<llvm::StringRef> detachedData(const onnx::TensorProto &tensor, llvm::StringRef encoded) {
  for (const onnx::StringStringEntryProto &entry : tensor.external_data()) {
    if (entry.key() != referenceKey)
      continue;
    auto [offsetText, sizeText] = llvm::StringRef(entry.value()).split(':');
    uint64_t offset = 0, size = 0;
    if (offsetText.getAsInteger(10, offset) || sizeText.getAsInteger(10, size) || offset > encoded.size() ||
        size > encoded.size() - offset)
      return llvm::StringRef();
    return encoded.substr(offset, size);
  }
  return std::nullopt;
}

} // namespace fsc
