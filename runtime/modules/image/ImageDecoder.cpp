//===- ImageDecoder.cpp - Images from the bytes of their files ------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What cannot be decoded gives an empty matrix, as ONNX specifies. What is too large to be
// decoded here, though a good image, ends the run.
//
//===----------------------------------------------------------------------===//

#include "runtime/modules/image/Image.h"
#include "runtime/src/routines/Routine.h"

#include <algorithm>
#include <string_view>

using namespace fsc::runtime;
using namespace fsc::image;
using namespace std::string_view_literals;

bool fsc::image::startsWith(Bytes bytes, std::string_view magic) {
  return bytes.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin(), [](char a, uint8_t b) { return uint8_t(a) == b; });
}

void fsc::image::checkSize(int64_t width, int64_t height, int64_t most) {
  if (width <= 0 || height <= 0)
    throw Undecodable{"the image has no pixels"};
  int64_t pixels;
  if (__builtin_mul_overflow(width, height, &pixels) || pixels > most)
    throw TooLarge{width, height, most};
}

Picture::Picture(int64_t width, int64_t height, int64_t most) : width(width), height(height) {
  checkSize(width, height, most);
  pixels.resize(size_t(3 * width * height));
}

namespace {

/// How a file of the format begins, and what decodes it.
struct Format {
  std::string_view magic;
  Picture (*decode)(Bytes bytes);
};

constexpr Format formats[] = {
    {"BM"sv, decodeBmp},
    {"\xff\xd8\xff"sv, decodeJpeg},
    {"\0\0\0\x0cjP  \r\n\x87\n"sv, decodeJpeg2000},
    {"\xff\x4f\xff\x51"sv, decodeJpeg2000},
    {"\x89PNG\r\n\x1a\n"sv, decodePng},
    {"P1"sv, decodePnm},
    {"P2"sv, decodePnm},
    {"P3"sv, decodePnm},
    {"P4"sv, decodePnm},
    {"P5"sv, decodePnm},
    {"P6"sv, decodePnm},
    {"II*\0"sv, decodeTiff},
    {"MM\0*"sv, decodeTiff},
    {"II+\0"sv, decodeTiff},
    {"MM\0+"sv, decodeTiff},
    {"RIFF"sv, decodeWebp},
};

Picture decode(Bytes bytes) {
  for (const Format &format : formats)
    if (startsWith(bytes, format.magic))
      return format.decode(bytes);
  throw Undecodable{"the bytes are of no known format"};
}

/// The luma of ITU-R 601-2 in 16 bits of fraction, rounded; grey stays what it is.
uint8_t grey(const uint8_t *rgb) { return uint8_t((19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + 0x8000) >> 16); }

void write(Call &call, std::string_view format, const Picture &picture) {
  size_t count = size_t(picture.width * picture.height);
  const uint8_t *rgb = picture.pixels.data();
  if (format == "Grayscale") {
    uint8_t *y = call.result<uint8_t>(0, {picture.height, picture.width, 1});
    for (size_t i = 0; i < count; ++i)
      y[i] = grey(rgb + 3 * i);
    return;
  }
  uint8_t *y = call.result<uint8_t>(0, {picture.height, picture.width, 3});
  std::copy_n(rgb, 3 * count, y);
  if (format == "BGR")
    for (size_t i = 0; i < count; ++i)
      std::swap(y[3 * i], y[3 * i + 2]);
}

} // namespace

FSC_ROUTINE(ImageDecoder) {
  Array x = call.input(0);
  std::string_view format = call.text("pixel_format", "RGB");
  try {
    write(call, format, decode({x.data<uint8_t>(), size_t(x.elements())}));
  } catch (const Undecodable &) {
    call.result<uint8_t>(0, {0, 0, format == "Grayscale" ? 1 : 3});
  } catch (const TooLarge &image) {
    call.fail("expected an image of at most %lld pixels, got one of %lld x %lld", static_cast<long long>(image.most),
              static_cast<long long>(image.width), static_cast<long long>(image.height));
  }
}
