//===- Jpeg.cpp - JPEG, by libjpeg-turbo ----------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The exact integer transform, and chroma interpolated as ONNX specifies: both are the library's
// defaults. The library ends by a jump, so no frame between has anything to destroy.
//
//===----------------------------------------------------------------------===//

#include "runtime/modules/image/Image.h"

#include <csetjmp>
#include <cstdio>
// After cstdio, which it needs.
#include <jerror.h>
#include <jpeglib.h>

using namespace fsc::image;

namespace {

/// Scans of a progressive file that are read at most: each goes over the whole image.
constexpr int maxScans = 500;

struct JpegReader {
  jpeg_decompress_struct info;
  jpeg_error_mgr errors;
  jpeg_progress_mgr progress;
  std::jmp_buf failed;
  char reason[JMSG_LENGTH_MAX];

  static JpegReader &of(j_common_ptr info) { return *static_cast<JpegReader *>(info->client_data); }

  [[noreturn]] static void fail(j_common_ptr info) {
    info->err->format_message(info, of(info).reason);
    std::longjmp(of(info).failed, 1);
  }

  void start(Bytes bytes) {
    info.err = jpeg_std_error(&errors);
    errors.error_exit = fail;
    errors.emit_message = [](j_common_ptr, int) {};
    info.client_data = this;
    jpeg_create_decompress(&info);
    info.client_data = this;
    progress.progress_monitor = [](j_common_ptr common) {
      if (reinterpret_cast<j_decompress_ptr>(common)->input_scan_number > maxScans)
        ERREXIT(common, JERR_BAD_PROGRESSION);
    };
    info.progress = &progress;
    jpeg_mem_src(&info, bytes.data(), static_cast<unsigned long>(bytes.size()));
    // By default the library makes up an end for what is cut off.
    info.src->fill_input_buffer = [](j_decompress_ptr info) -> boolean {
      ERREXIT(info, JERR_INPUT_EOF);
      return FALSE;
    };
    jpeg_read_header(&info, TRUE);
  }

  void decode(uint8_t *rows, uint8_t *line) {
    jpeg_start_decompress(&info);
    while (info.output_scanline < info.output_height) {
      uint8_t *row = rows + size_t(info.output_scanline) * info.output_width * 3;
      JSAMPROW target = info.output_components == 4 ? line : row;
      jpeg_read_scanlines(&info, &target, 1);
      if (info.output_components == 4)
        toRgb(line, row);
    }
  }

  /// From inverted CMYK, as such files have it.
  void toRgb(const uint8_t *cmyk, uint8_t *rgb) const {
    for (size_t x = 0; x < info.output_width; ++x, cmyk += 4, rgb += 3)
      for (int c = 0; c < 3; ++c) {
        int product = (255 - cmyk[c]) * cmyk[3] + 128;
        rgb[c] = uint8_t(cmyk[3] - ((product + (product >> 8)) >> 8));
      }
  }
};

} // namespace

Picture fsc::image::decodeJpeg(Bytes bytes) {
  JpegReader reader = {};
  struct Close {
    ~Close() { jpeg_destroy_decompress(&reader.info); }
    JpegReader &reader;
  } close{reader};
  if (setjmp(reader.failed))
    throw Undecodable{reader.reason};
  reader.start(bytes);
  bool isCmyk = reader.info.jpeg_color_space == JCS_CMYK || reader.info.jpeg_color_space == JCS_YCCK;
  reader.info.out_color_space = isCmyk ? JCS_CMYK : JCS_RGB;

  Picture picture(reader.info.image_width, reader.info.image_height);
  std::vector<uint8_t> line(isCmyk ? size_t(4 * picture.width) : 0);
  // Once more, so that what is made above is destroyed.
  if (setjmp(reader.failed))
    throw Undecodable{reader.reason};
  reader.decode(picture.pixels.data(), line.data());
  return picture;
}
