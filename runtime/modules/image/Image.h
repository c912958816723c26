//===- Image.h - From the bytes of a file to pixels -------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One decoder for each format. All give 8 bits of red, green and blue: grey as three
// equal values, what is transparent in its own colour, of deeper samples the upper bits.
// A decoder believes nothing that the bytes say before it has checked it.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_MODULES_IMAGE_IMAGE_H
#define FSC_RUNTIME_MODULES_IMAGE_IMAGE_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fsc::image {

using Bytes = std::span<const uint8_t>;

/// Thrown where the bytes are no good image.
struct Undecodable {
  std::string reason;
};

/// Thrown where the image is larger than any that is decoded.
struct TooLarge {
  int64_t width, height, most; // in pixels
};

/// Pixels that are decoded at most: a few bytes may claim to be 4 billion of them.
constexpr int64_t maxPixels = int64_t(1) << 27;

struct Picture {
  /// Throws Undecodable for an image without pixels, and TooLarge.
  Picture(int64_t width, int64_t height, int64_t most = maxPixels);

  uint8_t *row(int64_t y) { return pixels.data() + 3 * width * y; }
  void set(int64_t x, int64_t y, uint8_t red, uint8_t green, uint8_t blue) {
    uint8_t *at = row(y) + 3 * x;
    at[0] = red, at[1] = green, at[2] = blue;
  }

  int64_t width, height;
  std::vector<uint8_t> pixels; // [height, width, 3]
};

/// Fails as the constructor of Picture does.
void checkSize(int64_t width, int64_t height, int64_t most = maxPixels);

/// Whether the bytes begin with `magic`.
bool startsWith(Bytes bytes, std::string_view magic);

Picture decodeBmp(Bytes bytes);
Picture decodeJpeg(Bytes bytes);
Picture decodeJpeg2000(Bytes bytes);
Picture decodePng(Bytes bytes);
Picture decodePnm(Bytes bytes);
Picture decodeTiff(Bytes bytes);
Picture decodeWebp(Bytes bytes);

} // namespace fsc::image

#endif // FSC_RUNTIME_MODULES_IMAGE_IMAGE_H
