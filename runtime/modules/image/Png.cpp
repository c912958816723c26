//===- Png.cpp - PNG, by libpng -------------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The samples as they are stored: gamma and colour profiles are not applied. The library ends by a
// jump, so no frame between has anything to destroy.
//
//===----------------------------------------------------------------------===//

#include "runtime/modules/image/Image.h"

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <png.h>

using namespace fsc::image;

namespace {

struct PngReader {
  png_structp png = nullptr;
  png_infop info = nullptr;
  Bytes rest;
  std::jmp_buf failed;
  char reason[256] = "out of memory";

  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }

  [[noreturn]] static void fail(png_structp png, png_const_charp message) {
    auto &reader = *static_cast<PngReader *>(png_get_error_ptr(png));
    std::snprintf(reader.reason, sizeof(reader.reason), "%s", message);
    std::longjmp(reader.failed, 1);
  }

  static void read(png_structp png, png_bytep to, size_t count) {
    auto &reader = *static_cast<PngReader *>(png_get_io_ptr(png));
    if (count > reader.rest.size())
      png_error(png, "the file is cut off");
    std::memcpy(to, reader.rest.data(), count);
    reader.rest = reader.rest.subspan(count);
  }

  void start() {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, fail, [](png_structp, png_const_charp) {});
    info = png ? png_create_info_struct(png) : nullptr;
    if (!info)
      std::longjmp(failed, 1);
    png_set_read_fn(png, this, read);
    png_set_user_limits(png, INT32_MAX, INT32_MAX);
    png_read_info(png, info);
  }

  /// Only for an image that is not too large: takes memory for a row.
  void transform() {
    png_set_strip_16(png);
    png_set_expand(png);
    png_set_strip_alpha(png);
    png_set_gray_to_rgb(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != 3 * size_t(png_get_image_width(png, info)))
      png_error(png, "the rows have an unexpected size");
  }
};

} // namespace

Picture fsc::image::decodePng(Bytes bytes) {
  PngReader reader;
  reader.rest = bytes;
  if (setjmp(reader.failed))
    throw Undecodable{reader.reason};
  reader.start();

  Picture picture(png_get_image_width(reader.png, reader.info), png_get_image_height(reader.png, reader.info));
  std::vector<png_bytep> rows;
  for (int64_t y = 0; y < picture.height; ++y)
    rows.push_back(picture.row(y));
  // Once more, so that what is made above is destroyed.
  if (setjmp(reader.failed))
    throw Undecodable{reader.reason};
  reader.transform();
  png_read_image(reader.png, rows.data());
  png_read_end(reader.png, nullptr);
  return picture;
}
