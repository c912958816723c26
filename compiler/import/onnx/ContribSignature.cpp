//===- ContribSignature.cpp - What operators may be given -----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/ContribSignature.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace fsc {
namespace {

std::string print(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// A class of element types, for a message; and whether a type is of it.
std::pair<StringRef, bool> inClass(StringRef name, Type type) {
  bool byte = type.isInteger(8), integer = isa<IntegerType>(type) && !type.isInteger(1);
  using Result = std::pair<StringRef, bool>;
  return llvm::StringSwitch<Result>(name)
      .Case("f", Result("floats", isa<FloatType>(type)))
      .Case("f32", Result("f32", type.isF32()))
      .Case("i32", Result("int32", type.isSignlessInteger(32) || type.isSignedInteger(32)))
      .Case("i64", Result("int64", type.isSignlessInteger(64) || type.isSignedInteger(64)))
      .Case("u8", Result("uint8", type.isUnsignedInteger(8)))
      .Case("8", Result("integers of 8 bits", byte))
      .Case("i", Result("integers", integer))
      .Default(Result("numbers", true));
}

struct Checker {
  const Upgrade &upgrade;
  llvm::StringMap<std::pair<Type, std::string>> types; // and which input has it
  llvm::StringMap<std::pair<int64_t, std::string>> sizes;

  llvm::Error fail(StringRef input, const Twine &reason) {
    return llvm::createStringError("input '" + input + "': " + reason);
  }

  llvm::Error checkType(StringRef input, StringRef wanted, Type type) {
    auto [variable, kind] = wanted.contains('/') ? wanted.split('/') : std::pair(wanted, wanted);
    bool isVariable = !variable.empty() && llvm::isUpper(variable.front());
    if (isVariable) {
      auto [found, isNew] = types.try_emplace(variable, type, input.str());
      if (!isNew && found->second.first != type)
        return fail(input, "expected elements of " + print(found->second.first) + ", as '" + found->second.second +
                               "' has, got " + print(type));
    }
    if (auto [name, good] = inClass(kind, type); !good)
      return fail(input, "expected elements of " + name + ", got " + print(type));
    return llvm::Error::success();
  }

  llvm::Error checkSize(StringRef input, StringRef wanted, int64_t axis, int64_t size) {
    bool orOne = wanted.consume_back("~");
    if (wanted == "_" || ShapedType::isDynamic(size) || (orOne && size == 1))
      return llvm::Error::success();
    int64_t number = 0;
    std::string source;
    if (wanted.getAsInteger(10, number)) {
      auto [found, isNew] = sizes.try_emplace(wanted, size, input.str());
      number = found->second.first;
      source = ", as '" + found->second.second + "' has";
    }
    if (number == size)
      return llvm::Error::success();
    return fail(input, "expected size " + std::to_string(number) + " in dim " + std::to_string(axis) + source +
                           ", got " + std::to_string(size));
  }

  llvm::Error checkShape(StringRef input, StringRef wanted, ArrayRef<int64_t> shape) {
    SmallVector<StringRef> dims;
    wanted.split(dims, ',', -1, false);
    bool isOpen = !dims.empty() && dims.front() == "...";
    if (isOpen)
      dims.erase(dims.begin());
    int64_t rank = shape.size(), count = dims.size();
    if (isOpen ? rank < count : rank != count)
      return fail(input, "expected rank " + std::to_string(count) + (isOpen ? " or more" : "") + ", got " +
                             std::to_string(rank));
    for (int64_t i = 0; i < count; ++i)
      if (llvm::Error error = checkSize(input, dims[i], rank - count + i, shape[rank - count + i]))
        return error;
    return llvm::Error::success();
  }

  /// A scalar, a vector of one element, or of `wanted`.
  llvm::Error checkScalar(StringRef input, StringRef wanted, ArrayRef<int64_t> shape) {
    if (shape.empty() || (shape.size() == 1 && (shape[0] == 1 || ShapedType::isDynamic(shape[0]))))
      return llvm::Error::success();
    if (shape.size() > 1 || wanted.empty())
      return fail(input, wanted.empty() ? "expected a scalar" : "expected a scalar or a vector");
    return checkSize(input, wanted, 0, shape[0]);
  }

  /// `form` is what stands behind an input's name.
  llvm::Error checkInput(StringRef input, StringRef form, RankedTensorType type) {
    size_t at = form.find_first_of("[(");
    if (llvm::Error error = checkType(input, form.substr(0, at), type.getElementType()))
      return error;
    if (at == StringRef::npos)
      return llvm::Error::success();
    StringRef dims = form.substr(at + 1).drop_back();
    return form[at] == '[' ? checkShape(input, dims, type.getShape()) : checkScalar(input, dims, type.getShape());
  }
};

} // namespace

llvm::Error checkSignature(const Upgrade &upgrade, StringRef signature) {
  Checker checker{upgrade, {}, {}};
  SmallVector<StringRef> words;
  signature.split(words, ' ', -1, false);
  unsigned index = 0;
  bool isOpen = false;
  for (StringRef word : words) {
    if (word.consume_front("@")) {
      if (!upgrade.attribute(word))
        return llvm::createStringError("expected the attribute '" + word.str() + "'");
      continue;
    }
    if ((isOpen = word == "*"))
      break;
    auto [name, form] = word.split(':');
    bool isOptional = name.consume_back("?");
    if (!upgrade.hasInput(index) && !isOptional)
      return llvm::createStringError("expected the input '" + name.str() + "'");
    if (RankedTensorType type = upgrade.type(index))
      if (llvm::Error error = checker.checkInput(name, form, type))
        return error;
    ++index;
  }
  unsigned given = upgrade.node.input_size();
  while (given > 0 && upgrade.node.input(given - 1).empty())
    --given;
  if (!isOpen && given > index)
    return llvm::createStringError("expected at most " + std::to_string(index) + " inputs, got " +
                                   std::to_string(given));
  return llvm::Error::success();
}

} // namespace fsc
