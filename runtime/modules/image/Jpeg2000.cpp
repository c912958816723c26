//===- Jpeg2000.cpp - JPEG 2000, by OpenJPEG ------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/modules/image/Image.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>
#include <openjpeg.h>

using namespace fsc::image;

namespace {

/// The library takes 4 bytes for each sample, and again as much while it works.
constexpr int64_t mostPixels = maxPixels / 4;

struct Source {
  Bytes bytes;
  size_t place = 0;
  std::string reason = "the file is damaged";

  static OPJ_SIZE_T read(void *to, OPJ_SIZE_T count, void *user) {
    auto &source = *static_cast<Source *>(user);
    size_t size = std::min<size_t>(count, source.bytes.size() - source.place);
    if (size == 0)
      return OPJ_SIZE_T(-1);
    std::memcpy(to, source.bytes.data() + source.place, size);
    source.place += size;
    return size;
  }
  static OPJ_OFF_T skip(OPJ_OFF_T count, void *user) {
    auto &source = *static_cast<Source *>(user);
    size_t there = source.bytes.size() - source.place;
    if (count < 0 || there == 0)
      return -1;
    size_t size = std::min<size_t>(size_t(count), there);
    source.place += size;
    return OPJ_OFF_T(size);
  }
  static OPJ_BOOL seek(OPJ_OFF_T to, void *user) {
    auto &source = *static_cast<Source *>(user);
    if (to < 0 || size_t(to) > source.bytes.size())
      return OPJ_FALSE;
    source.place = size_t(to);
    return OPJ_TRUE;
  }
  static void keepReason(const char *message, void *user) { static_cast<Source *>(user)->reason = message; }
  static void ignore(const char *, void *) {}
};

template <auto destroy> struct Destroy {
  template <typename T> void operator()(T *object) const { destroy(object); }
};
using Stream = std::unique_ptr<opj_stream_t, Destroy<opj_stream_destroy>>;
using Codec = std::unique_ptr<opj_codec_t, Destroy<opj_destroy_codec>>;
using Decoded = std::unique_ptr<opj_image_t, Destroy<opj_image_destroy>>;

/// A component's sample at a place of the image, in 8 bits; deeper ones are rounded.
int sampleAt(const opj_image_comp_t &component, int64_t x, int64_t y) {
  int64_t row = std::min<int64_t>(y / component.dy, component.h - 1);
  int64_t column = std::min<int64_t>(x / component.dx, component.w - 1);
  int64_t value = component.data[row * component.w + column];
  int shift = int(component.prec) - 8;
  if (component.sgnd)
    value += int64_t(1) << (component.prec - 1);
  if (shift > 0)
    value = (value + (int64_t(1) << (shift - 1))) >> shift;
  else if (shift < 0)
    value = value * 255 / ((1 << component.prec) - 1);
  return int(std::clamp<int64_t>(value, 0, 255));
}

uint8_t rounded(double value) { return uint8_t(std::clamp(std::lround(value), 0l, 255l)); }

void checkImage(const opj_image_t &image) {
  int64_t width = int64_t(image.x1) - image.x0, height = int64_t(image.y1) - image.y0;
  checkSize(width, height, mostPixels);
  if (image.numcomps < 1 || image.numcomps > 4)
    throw Undecodable{"expected 1 to 4 components"};
  for (uint32_t c = 0; c < image.numcomps; ++c)
    if (image.comps[c].dx < 1 || image.comps[c].dy < 1 || image.comps[c].prec < 1 || image.comps[c].prec > 31)
      throw Undecodable{"a component has an unknown form"};
}

} // namespace

Picture fsc::image::decodeJpeg2000(Bytes bytes) {
  Source source{bytes};
  Stream stream(opj_stream_default_create(OPJ_TRUE));
  Codec codec(opj_create_decompress(startsWith(bytes, "\xff\x4f") ? OPJ_CODEC_J2K : OPJ_CODEC_JP2));
  if (!stream || !codec)
    throw std::bad_alloc();
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), bytes.size());
  opj_stream_set_read_function(stream.get(), Source::read);
  opj_stream_set_skip_function(stream.get(), Source::skip);
  opj_stream_set_seek_function(stream.get(), Source::seek);
  opj_set_error_handler(codec.get(), Source::keepReason, &source);
  opj_set_warning_handler(codec.get(), Source::ignore, &source);
  opj_set_info_handler(codec.get(), Source::ignore, &source);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_image_t *header = nullptr;
  bool good = opj_setup_decoder(codec.get(), &parameters) && opj_read_header(stream.get(), codec.get(), &header);
  Decoded image(header);
  if (!good || !image)
    throw Undecodable{source.reason};
  checkImage(*image);
  if (!opj_decode(codec.get(), stream.get(), image.get()) || !opj_end_decompress(codec.get(), stream.get()))
    throw Undecodable{source.reason};
  checkImage(*image);
  for (uint32_t c = 0; c < image->numcomps; ++c)
    if (!image->comps[c].data || image->comps[c].w < 1 || image->comps[c].h < 1)
      throw Undecodable{"a component has no samples"};

  Picture picture(int64_t(image->x1) - image->x0, int64_t(image->y1) - image->y0, mostPixels);
  bool isColour = image->numcomps >= 3, isLuma = image->color_space == OPJ_CLRSPC_SYCC;
  for (int64_t y = 0; y < picture.height; ++y)
    for (int64_t x = 0; x < picture.width; ++x) {
      int a = sampleAt(image->comps[0], x, y), b = isColour ? sampleAt(image->comps[1], x, y) : a,
          c = isColour ? sampleAt(image->comps[2], x, y) : a;
      if (isColour && isLuma)
        picture.set(x, y, rounded(a + 1.402 * (c - 128)), rounded(a - 0.344136 * (b - 128) - 0.714136 * (c - 128)),
                    rounded(a + 1.772 * (b - 128)));
      else
        picture.set(x, y, uint8_t(a), uint8_t(b), uint8_t(c));
    }
  return picture;
}
