//===- Text.cpp - Strings joined, split and normalized --------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Element.h"
#include "runtime/src/routines/Routine.h"

#include <algorithm>
#include <clocale>
#include <cwctype>
#include <memory>
#include <string>
#include <unordered_set>

using namespace fsc::runtime;

//===----------------------------------------------------------------------===//
// StringConcat and StringSplit
//===----------------------------------------------------------------------===//

namespace {

/// The strides, in elements, of an operand that is broadcast to `dims`.
std::vector<int64_t> broadcastStrides(Array x, std::span<const int64_t> dims) {
  std::vector<int64_t> strides(dims.size(), 0);
  int64_t stride = 1;
  for (int32_t axis = x.rank(); axis-- > 0;) {
    strides[dims.size() - size_t(x.rank() - axis)] = x.dim(axis) == 1 ? 0 : stride;
    stride *= x.dim(axis);
  }
  return strides;
}

std::vector<int64_t> broadcastDims(Call &call, Array x, Array y) {
  std::vector<int64_t> dims(size_t(std::max(x.rank(), y.rank())), 1);
  for (Array operand : {x, y})
    for (int32_t axis = 0; axis < operand.rank(); ++axis) {
      int64_t &dim = dims[dims.size() - size_t(operand.rank() - axis)], size = operand.dim(axis);
      if (size != 1 && dim != 1 && dim != size)
        call.fail("expected shapes that broadcast, got sizes %lld and %lld", static_cast<long long>(dim),
                  static_cast<long long>(size));
      dim = dim == 1 ? size : dim;
    }
  return dims;
}

} // namespace

FSC_ROUTINE(StringConcat) {
  Array x = call.input(0), y = call.input(1);
  std::vector<int64_t> dims = broadcastDims(call, x, y), at(dims.size(), 0);
  std::vector<int64_t> xStrides = broadcastStrides(x, dims), yStrides = broadcastStrides(y, dims);
  int64_t *z = call.result<int64_t>(0, dims), count = 1;
  for (int64_t size : dims)
    count *= size;
  std::string joined;
  for (int64_t i = 0; i < count; ++i) {
    int64_t xPlace = 0, yPlace = 0;
    for (size_t axis = 0; axis < dims.size(); ++axis) {
      xPlace += at[axis] * xStrides[axis];
      yPlace += at[axis] * yStrides[axis];
    }
    joined.assign(call.string(x.data<int64_t>()[xPlace]));
    joined.append(call.string(y.data<int64_t>()[yPlace]));
    z[i] = call.intern(joined);
    for (size_t axis = dims.size(); axis-- > 0 && ++at[axis] == dims[axis];)
      at[axis] = 0;
  }
}

namespace {

/// The parts between runs of white space, or between delimiters; at most `most` splits, of which the last part is the
/// rest.
std::vector<std::string_view> split(std::string_view text, std::string_view delimiter, int64_t most) {
  std::vector<std::string_view> parts;
  if (!delimiter.empty()) {
    for (size_t end; int64_t(parts.size()) < most && (end = text.find(delimiter)) != text.npos;) {
      parts.push_back(text.substr(0, end));
      text.remove_prefix(end + delimiter.size());
    }
    parts.push_back(text);
    return parts;
  }
  constexpr std::string_view space = " \t\n\v\f\r";
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
    if (text.empty())
      return parts;
    size_t end = int64_t(parts.size()) < most ? std::min(text.find_first_of(space), text.size()) : text.size();
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

} // namespace

FSC_ROUTINE(StringSplit) {
  Array x = call.input(0);
  int64_t count = x.elements(), widest = 0, most = call.integer("maxsplit", INT64_MAX);
  if (most < 0)
    most = INT64_MAX;
  std::string_view delimiter = call.text("delimiter", "");
  std::vector<std::vector<std::string_view>> parts;
  for (int64_t i = 0; i < count; ++i) {
    parts.push_back(split(call.string(x.data<int64_t>()[i]), delimiter, most));
    widest = std::max(widest, int64_t(parts.back().size()));
  }
  if (call.wants(0)) {
    std::vector<int64_t> dims(x.dims().begin(), x.dims().end());
    dims.push_back(widest);
    int64_t *y = call.result<int64_t>(0, dims);
    std::fill(y, y + count * widest, 0);
    for (int64_t i = 0; i < count; ++i)
      std::transform(parts[size_t(i)].begin(), parts[size_t(i)].end(), y + i * widest,
                     [&](std::string_view part) { return call.intern(part); });
  }
  if (call.wants(1)) {
    int64_t *z = call.result<int64_t>(1, x.dims());
    for (int64_t i = 0; i < count; ++i)
      z[i] = int64_t(parts[size_t(i)].size());
  }
}

//===----------------------------------------------------------------------===//
// StringNormalizer
//===----------------------------------------------------------------------===//

namespace {

/// The C library's tables of letters, by the name of a language, else those of Unicode alone.
class Letters {
public:
  explicit Letters(std::string_view name) {
    std::string language(name);
    for (const std::string &candidate : {language + ".UTF-8", std::string("C.UTF-8"), std::string("en_US.UTF-8")})
      if (!language.empty() && !locale)
        locale = newlocale(LC_CTYPE_MASK, candidate.c_str(), locale_t());
  }
  ~Letters() {
    if (locale)
      freelocale(locale);
  }
  Letters(const Letters &) = delete;

  /// The string with each letter in the other case; bytes that are not UTF-8 stay.
  std::string convert(std::string_view text, bool upper) const {
    std::string result;
    for (size_t i = 0; i < text.size();) {
      size_t length = 1;
      uint32_t letter = decode(text.substr(i), length);
      if (letter == invalid)
        result.append(text.substr(i, length));
      else
        encode(result, upper ? toUpper(letter) : toLower(letter));
      i += length;
    }
    return result;
  }

private:
  static constexpr uint32_t invalid = UINT32_MAX;

  uint32_t toUpper(uint32_t c) const {
    if (locale)
      return uint32_t(towupper_l(wint_t(c), locale));
    return c >= 'a' && c <= 'z' ? c - 32 : c;
  }
  uint32_t toLower(uint32_t c) const {
    if (locale)
      return uint32_t(towlower_l(wint_t(c), locale));
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
  }

  static uint32_t decode(std::string_view text, size_t &length) {
    auto byte = [&](size_t i) { return uint8_t(text[i]); };
    uint8_t first = byte(0);
    size_t size = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
    if (size == 0 || size > text.size())
      return invalid;
    uint32_t letter = size == 1 ? first : first & (0x7f >> size);
    for (size_t i = 1; i < size; ++i) {
      if (byte(i) >> 6 != 2)
        return invalid;
      letter = letter << 6 | (byte(i) & 0x3f);
    }
    length = size;
    return letter;
  }

  static void encode(std::string &text, uint32_t c) {
    if (c < 0x80) {
      text += char(c);
      return;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    text += char(uint8_t(0xf00 >> (more + 1)) | c >> (6 * more));
    while (more-- > 0)
      text += char(0x80 | ((c >> (6 * more)) & 0x3f));
  }

  locale_t locale = locale_t();
};

} // namespace

FSC_ROUTINE(StringNormalizer) {
  Array x = call.input(0);
  if (x.rank() == 2 && x.dim(0) != 1)
    call.fail("expected strings of shape [C] or [1, C], got %lld rows", static_cast<long long>(x.dim(0)));
  Letters letters(call.text("locale", "en_US"));
  std::string_view action = call.text("case_change_action", "NONE");
  bool exact = call.integer("is_case_sensitive", 0) != 0;
  auto folded = [&](std::string_view text) {
    return exact ? std::string(text) : letters.convert(text, /*upper=*/false);
  };
  std::unordered_set<std::string> stopwords;
  for (std::string_view word : call.texts("stopwords"))
    stopwords.insert(folded(word));
  std::vector<int64_t> kept;
  for (int64_t i = 0, count = x.elements(); i < count; ++i) {
    std::string_view text = call.string(x.data<int64_t>()[i]);
    if (!stopwords.empty() && stopwords.contains(folded(text)))
      continue;
    kept.push_back(action == "NONE" ? x.data<int64_t>()[i] : call.intern(letters.convert(text, action == "UPPER")));
  }
  if (kept.empty())
    kept.push_back(0);
  std::vector<int64_t> dims(1, int64_t(kept.size()));
  if (x.rank() == 2)
    dims.insert(dims.begin(), 1);
  std::copy(kept.begin(), kept.end(), call.result<int64_t>(0, dims));
}
