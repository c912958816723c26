//===- Bmp.cpp - Windows bitmaps ------------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All depths from 1 to 32 bits, with palettes, masks and run lengths. Every read is
// checked: `at` throws beyond the end.
//
//===----------------------------------------------------------------------===//

#include "runtime/modules/image/Image.h"

#include <array>
#include <bit>

using namespace fsc::image;

namespace {

enum Compression { plain = 0, runs8 = 1, runs4 = 2, masked = 3, maskedWithAlpha = 6 };

class BmpReader {
public:
  explicit BmpReader(Bytes bytes) : bytes(bytes) {}

  Picture read() {
    readHeader();
    checkSize(width, height);
    bool byRuns = compression == runs8 || compression == runs4;
    // Runs may stand for any number of pixels; else the rows must be there before memory is taken for them.
    rowBytes = (width * bits + 31) / 32 * 4;
    if (!byRuns && (uint64_t(rowBytes) * uint64_t(height) > bytes.size() || start > bytes.size() ||
                    uint64_t(rowBytes) * uint64_t(height) > bytes.size() - start))
      throw Undecodable{"the pixels are cut off"};
    Picture picture(width, height);
    if (byRuns)
      readRuns(picture);
    else
      for (int64_t y = 0; y < height; ++y)
        readRow(picture, y);
    return picture;
  }

private:
  uint8_t at(uint64_t place) const {
    if (place >= bytes.size())
      throw Undecodable{"the file is cut off"};
    return bytes[place];
  }
  uint32_t number(uint64_t place, int count) const {
    uint32_t value = 0;
    for (int i = 0; i < count; ++i)
      value |= uint32_t(at(place + uint64_t(i))) << (8 * i);
    return value;
  }

  void readHeader() {
    start = number(10, 4);
    uint64_t header = number(14, 4);
    bool isOld = header == 12;
    if (!isOld && (header < 40 || header > 124))
      throw Undecodable{"the header has an unknown size"};
    width = isOld ? int64_t(number(18, 2)) : int32_t(number(18, 4));
    height = isOld ? int64_t(number(20, 2)) : int32_t(number(22, 4));
    bits = int(isOld ? number(24, 2) : number(28, 2));
    compression = isOld ? uint32_t(plain) : number(30, 4);
    isTopDown = height < 0;
    height = isTopDown ? -height : height;
    uint64_t palette = 14 + header;
    bool hasMasks = compression == masked || compression == maskedWithAlpha;
    if (hasMasks && bits != 16 && bits != 32)
      throw Undecodable{"there are masks for what has none"};
    if ((compression == runs8 && bits != 8) || (compression == runs4 && bits != 4) ||
        (!hasMasks && compression != plain && compression != runs8 && compression != runs4))
      throw Undecodable{"the compression is unknown"};
    if (bits == 16 || bits == 32) {
      masks = bits == 16 ? std::array<uint32_t, 3>{0x7c00, 0x3e0, 0x1f} : std::array{0xff0000u, 0xff00u, 0xffu};
      // They follow the oldest header that can have them, and are part of the later ones.
      for (int i = 0; hasMasks && i < 3; ++i)
        masks[size_t(i)] = number(54 + 4 * uint64_t(i), 4);
    } else if (bits == 1 || bits == 4 || bits == 8) {
      uint32_t colours = isOld ? 0 : number(46, 4), most = 1u << bits;
      readPalette(palette, isOld ? 3 : 4, colours == 0 || colours > most ? most : colours);
    } else if (bits != 24) {
      throw Undecodable{"the depth is unknown"};
    }
  }

  void readPalette(uint64_t place, uint64_t step, uint32_t colours) {
    for (uint64_t i = 0; i < colours && place + i * step < start; ++i)
      for (uint64_t c = 0; c < 3; ++c)
        palette[i][2 - c] = at(place + i * step + c);
  }

  /// The bits of a mask, spread over 8.
  static uint8_t sample(uint32_t pixel, uint32_t mask) {
    if (mask == 0)
      return 0;
    uint64_t value = (pixel & mask) >> std::countr_zero(mask), most = mask >> std::countr_zero(mask);
    return uint8_t(value * 255 / most);
  }

  void setIndexed(Picture &picture, int64_t x, int64_t y, unsigned index) {
    const auto &colour = palette[index];
    picture.set(x, isTopDown ? y : height - 1 - y, colour[0], colour[1], colour[2]);
  }

  void readRow(Picture &picture, int64_t y) {
    const uint8_t *row = bytes.data() + start + uint64_t(y * rowBytes);
    int64_t to = isTopDown ? y : height - 1 - y;
    for (int64_t x = 0; x < width; ++x) {
      if (bits <= 8) {
        int64_t bit = x * bits;
        setIndexed(picture, x, y, (row[bit / 8] >> (8 - bits - bit % 8)) & ((1u << bits) - 1));
        continue;
      }
      const uint8_t *pixel = row + x * (bits / 8);
      if (bits == 24) {
        picture.set(x, to, pixel[2], pixel[1], pixel[0]);
        continue;
      }
      uint32_t value = pixel[0] | uint32_t(pixel[1]) << 8;
      if (bits == 32)
        value |= uint32_t(pixel[2]) << 16 | uint32_t(pixel[3]) << 24;
      picture.set(x, to, sample(value, masks[0]), sample(value, masks[1]), sample(value, masks[2]));
    }
  }

  /// Pixels that no run covers have the first colour.
  void readRuns(Picture &picture) {
    for (int64_t y = 0; y < height; ++y)
      for (int64_t x = 0; x < width; ++x)
        setIndexed(picture, x, y, 0);
    int64_t x = 0, y = 0;
    uint64_t place = start;
    auto put = [&](unsigned index) {
      if (x < width && y < height)
        setIndexed(picture, x, y, index);
      ++x;
    };
    // A byte has one index of 8 bits or two of 4.
    auto indexOf = [&](uint8_t byte, int i) { return bits == 8 ? byte : i % 2 == 0 ? byte >> 4 : byte & 15; };
    while (y < height) {
      uint8_t count = at(place), value = at(place + 1);
      place += 2;
      if (count > 0) {
        for (int i = 0; i < count; ++i)
          put(indexOf(value, i));
      } else if (value == 0) {
        x = 0, ++y;
      } else if (value == 1) {
        return;
      } else if (value == 2) {
        x += at(place), y += at(place + 1);
        place += 2;
      } else {
        for (int i = 0; i < value; ++i)
          put(indexOf(at(place + uint64_t(bits == 8 ? i : i / 2)), i));
        uint64_t used = bits == 8 ? value : (value + 1u) / 2;
        place += used + used % 2;
      }
    }
  }

  Bytes bytes;
  uint64_t start = 0; // of the pixels
  int64_t width = 0, height = 0, rowBytes = 0;
  int bits = 0;
  uint32_t compression = 0;
  bool isTopDown = false;
  std::array<uint32_t, 3> masks = {};
  std::array<std::array<uint8_t, 3>, 256> palette = {};
};

} // namespace

Picture fsc::image::decodeBmp(Bytes bytes) { return BmpReader(bytes).read(); }
