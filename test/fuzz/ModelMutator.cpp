//===- ModelMutator.cpp - Models that differ from a model in one place ----===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// libFuzzer's own mutations of a protobuf mostly make bytes that are no protobuf.
// These change the message: a field is set, cleared, repeated or taken from another
// place of the model. What comes out may still break every rule of ONNX.
//
//===----------------------------------------------------------------------===//

#include "onnx/onnx_pb.h"

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize, unsigned seed);
extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2, size_t size2,
                                            uint8_t *out, size_t maxOutSize, unsigned seed);

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

class Mutator {
public:
  explicit Mutator(unsigned seed) : random(seed) {}

  void mutate(Message &model) {
    for (size_t rounds = 1 + below(3); rounds != 0; --rounds) {
      std::vector<Message *> messages;
      collect(model, messages);
      change(*messages[below(messages.size())], messages);
    }
  }

  /// Puts a part of `other` where `model` has one of the same kind.
  void cross(Message &model, Message &other) {
    std::vector<Message *> here, there;
    collect(model, here);
    collect(other, there);
    for (int attempts = 0; attempts < 32; ++attempts) {
      Message &to = *here[below(here.size())], &from = *there[below(there.size())];
      if (&to == &model || to.GetDescriptor() != from.GetDescriptor())
        continue;
      to.CopyFrom(from);
      return;
    }
  }

private:
  size_t below(size_t limit) { return std::uniform_int_distribution<size_t>(0, limit - 1)(random); }

  /// `message` and all messages in it.
  void collect(Message &message, std::vector<Message *> &messages) {
    messages.push_back(&message);
    std::vector<const FieldDescriptor *> fields;
    const Reflection &reflection = *message.GetReflection();
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor *field : fields) {
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
        continue;
      if (!field->is_repeated()) {
        collect(*reflection.MutableMessage(&message, field), messages);
        continue;
      }
      for (int i = 0; i < reflection.FieldSize(message, field); ++i)
        collect(*reflection.MutableRepeatedMessage(&message, field, i), messages);
    }
  }

  void change(Message &message, const std::vector<Message *> &all) {
    const Descriptor &type = *message.GetDescriptor();
    const Reflection &reflection = *message.GetReflection();
    std::vector<const FieldDescriptor *> fields;
    reflection.ListFields(message, &fields);
    // Mostly a field that is there; now and then one that is not.
    if (fields.empty() || below(4) == 0)
      fields = {type.field(int(below(type.field_count())))};
    const FieldDescriptor &field = *fields[below(fields.size())];
    if (field.is_repeated())
      changeRepeated(message, field, all);
    else if (reflection.HasField(message, &field) && below(6) == 0)
      reflection.ClearField(&message, &field);
    else
      set(message, field, -1, all);
  }

  void changeRepeated(Message &message, const FieldDescriptor &field, const std::vector<Message *> &all) {
    const Reflection &reflection = *message.GetReflection();
    int size = reflection.FieldSize(message, &field);
    switch (size == 0 ? 0 : below(5)) {
    case 0:
      set(message, field, size, all);
      break;
    case 1:
      reflection.RemoveLast(&message, &field);
      break;
    case 2:
      reflection.SwapElements(&message, &field, int(below(size)), int(below(size)));
      break;
    default:
      set(message, field, int(below(size)), all);
    }
  }

  /// Sets the field (`index` -1), its element `index`, or adds an element behind the last.
  void set(Message &message, const FieldDescriptor &field, int index, const std::vector<Message *> &all) {
    const Reflection &r = *message.GetReflection();
    bool adds = field.is_repeated() && index == r.FieldSize(message, &field);
    switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32:
      return setInteger(message, field, index, adds);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return index < 0 ? r.SetFloat(&message, &field, number())
             : adds    ? r.AddFloat(&message, &field, number())
                       : r.SetRepeatedFloat(&message, &field, index, number());
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return index < 0 ? r.SetDouble(&message, &field, number())
             : adds    ? r.AddDouble(&message, &field, number())
                       : r.SetRepeatedDouble(&message, &field, index, number());
    case FieldDescriptor::CPPTYPE_ENUM:
      return index < 0 ? r.SetEnumValue(&message, &field, int(below(30)))
             : adds    ? r.AddEnumValue(&message, &field, int(below(30)))
                       : r.SetRepeatedEnumValue(&message, &field, index, int(below(30)));
    case FieldDescriptor::CPPTYPE_STRING:
      return index < 0 ? r.SetString(&message, &field, text(message, field, all))
             : adds    ? r.AddString(&message, &field, text(message, field, all))
                       : r.SetRepeatedString(&message, &field, index, text(message, field, all));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      // First: to set one message of a oneof ends the other, which may be in `all`.
      std::string bytes = someMessage(*field.message_type(), all);
      Message &to = index < 0 ? *r.MutableMessage(&message, &field)
                    : adds    ? *r.AddMessage(&message, &field)
                              : *r.MutableRepeatedMessage(&message, &field, index);
      to.ParseFromString(bytes);
      return;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return;
    }
  }

  void setInteger(Message &message, const FieldDescriptor &field, int index, bool adds) {
    const Reflection &r = *message.GetReflection();
    int64_t value = integer();
    bool wide = field.cpp_type() == FieldDescriptor::CPPTYPE_INT64;
    if (wide)
      return index < 0 ? r.SetInt64(&message, &field, value)
             : adds    ? r.AddInt64(&message, &field, value)
                       : r.SetRepeatedInt64(&message, &field, index, value);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32)
      return index < 0 ? r.SetInt32(&message, &field, int32_t(value))
             : adds    ? r.AddInt32(&message, &field, int32_t(value))
                       : r.SetRepeatedInt32(&message, &field, index, int32_t(value));
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64)
      return index < 0 ? r.SetUInt64(&message, &field, value)
             : adds    ? r.AddUInt64(&message, &field, value)
                       : r.SetRepeatedUInt64(&message, &field, index, value);
  }

  /// The bytes of a message of that type in the model; none if there is no such message, or only a large one.
  std::string someMessage(const Descriptor &type, const std::vector<Message *> &all) {
    for (int attempts = 0; attempts < 64; ++attempts) {
      const Message &from = *all[below(all.size())];
      if (from.GetDescriptor() == &type && from.ByteSizeLong() < 4096)
        return from.SerializeAsString();
    }
    return "";
  }

  int64_t integer() {
    static const int64_t edges[] = {0,  1,  2,  3,  4,   5,   7,    8,     11,        13,
                                    16, 17, 22, 32, 127, 128, 1000, 65536, 1LL << 31, (1LL << 31) - 1,
                                    -1, -2, -3, -4, -5,  -128};
    switch (below(12)) {
    case 0:
      return std::numeric_limits<int64_t>::min() + int64_t(below(2));
    case 1:
      return std::numeric_limits<int64_t>::max() - int64_t(below(2));
    case 2:
      return int64_t(random()) << below(32);
    default:
      return edges[below(std::size(edges))];
    }
  }

  float number() {
    static const float edges[] = {0,
                                  -0.0F,
                                  1,
                                  -1,
                                  0.5F,
                                  1e-30F,
                                  1e30F,
                                  std::numeric_limits<float>::infinity(),
                                  std::numeric_limits<float>::quiet_NaN()};
    return edges[below(std::size(edges))];
  }

  /// The same field of another message, mostly, so that names meet names; else the text changed.
  std::string text(const Message &message, const FieldDescriptor &field, const std::vector<Message *> &all) {
    for (int attempts = 0; attempts < 16 && below(8) != 0; ++attempts) {
      const Message &from = *all[below(all.size())];
      for (int i = 0; i < from.GetDescriptor()->field_count(); ++i) {
        const FieldDescriptor &other = *from.GetDescriptor()->field(i);
        if (other.type() != field.type())
          continue;
        if (!other.is_repeated() && from.GetReflection()->HasField(from, &other))
          return from.GetReflection()->GetString(from, &other);
        int size = other.is_repeated() ? from.GetReflection()->FieldSize(from, &other) : 0;
        if (size != 0)
          return from.GetReflection()->GetRepeatedString(from, &other, int(below(size)));
      }
    }
    std::string old = field.is_repeated() ? "" : message.GetReflection()->GetString(message, &field);
    size_t size = old.size();
    old.resize(size + 16);
    old.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t *>(old.data()), size, old.size()));
    return old;
  }

  std::mt19937 random;
};

/// The model's bytes in `out`; 0 if there is no room.
size_t write(const onnx::ModelProto &model, uint8_t *out, size_t maxSize) {
  size_t size = model.ByteSizeLong();
  return size <= maxSize && model.SerializeToArray(out, int(size)) ? size : 0;
}

} // namespace

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize, unsigned seed) {
  onnx::ModelProto model;
  // One in sixteen as bytes: the reader of the file sees those first.
  if (seed % 16 == 0 || !model.ParseFromArray(data, int(size)))
    return LLVMFuzzerMutate(data, size, maxSize);
  Mutator(seed).mutate(model);
  size_t written = write(model, data, maxSize);
  return written != 0 ? written : size;
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2, size_t size2, uint8_t *out,
                                 size_t maxOutSize, unsigned seed) {
  onnx::ModelProto model, other;
  if (!model.ParseFromArray(data1, int(size1)) || !other.ParseFromArray(data2, int(size2)))
    return 0;
  Mutator(seed).cross(model, other);
  return write(model, out, maxOutSize);
}
