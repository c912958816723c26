//===- Pnm.cpp - Portable bitmaps, graymaps and pixmaps -------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/modules/image/Image.h"

using namespace fsc::image;

namespace {

class PnmReader {
public:
  explicit PnmReader(Bytes bytes) : bytes(bytes) {}

  Picture read() {
    int kind = bytes[1] - '0'; // bitmap, graymap, pixmap; in text, then in binary
    bool isText = kind <= 3, isBitmap = kind == 1 || kind == 4, isColour = kind == 3 || kind == 6;
    int64_t width = number(), height = number();
    most = isBitmap ? 1 : number();
    if (most < 1 || most > 65535)
      throw Undecodable{"expected samples of at most 65535"};
    checkSize(width, height);
    // One character ends the header.
    if (!isText)
      ++place;
    int64_t samples = width * height * (isColour ? 3 : 1);
    int64_t least = isText ? samples : isBitmap ? (width + 7) / 8 * height : samples * (most > 255 ? 2 : 1);
    if (place > bytes.size() || uint64_t(least) > bytes.size() - place)
      throw Undecodable{"the pixels are cut off"};

    Picture picture(width, height);
    for (int64_t y = 0; y < height; ++y) {
      size_t rowStart = place;
      for (int64_t x = 0; x < width; ++x) {
        if (isBitmap) {
          bool black = isText ? digit() : (bytes[rowStart + size_t(x / 8)] >> (7 - x % 8)) & 1;
          uint8_t value = black ? 0 : 255;
          picture.set(x, y, value, value, value);
          continue;
        }
        uint8_t red = sample(isText), green = isColour ? sample(isText) : red, blue = isColour ? sample(isText) : red;
        picture.set(x, y, red, green, blue);
      }
      if (isBitmap && !isText)
        place = rowStart + size_t((width + 7) / 8);
    }
    return picture;
  }

private:
  static bool isSpace(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

  uint8_t peek() const {
    if (place >= bytes.size())
      throw Undecodable{"the file is cut off"};
    return bytes[place];
  }

  /// To the next character that is neither space nor in a comment.
  void skipSpace() {
    while (isSpace(peek()) || bytes[place] == '#') {
      if (bytes[place] == '#')
        while (peek() != '\n' && bytes[place] != '\r')
          ++place;
      ++place;
    }
  }

  int64_t number() {
    skipSpace();
    if (peek() < '0' || peek() > '9')
      throw Undecodable{"expected a number"};
    int64_t value = 0;
    for (; place < bytes.size() && bytes[place] >= '0' && bytes[place] <= '9'; ++place)
      if ((value = 10 * value + bytes[place] - '0') > INT32_MAX)
        throw Undecodable{"a number is too large"};
    return value;
  }

  /// Of a bitmap in text, which needs no spaces.
  bool digit() {
    skipSpace();
    uint8_t c = bytes[place++];
    if (c != '0' && c != '1')
      throw Undecodable{"expected 0 or 1"};
    return c == '1';
  }

  uint8_t sample(bool isText) {
    int64_t value;
    if (isText) {
      value = number();
    } else {
      value = bytes[place++];
      if (most > 255)
        value = value << 8 | bytes[place++];
    }
    if (value > most)
      throw Undecodable{"a sample is larger than the largest"};
    return uint8_t((value * 255 * 2 + most) / (2 * most));
  }

  Bytes bytes;
  size_t place = 2;
  int64_t most = 0;
};

} // namespace

Picture fsc::image::decodePnm(Bytes bytes) { return PnmReader(bytes).read(); }
