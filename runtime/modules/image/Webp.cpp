//===- Webp.cpp - WebP, by libwebp ----------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/modules/image/Image.h"

#include <memory>
#include <webp/decode.h>
#include <webp/demux.h>

using namespace fsc::image;

/// The first picture of an animation.
static void decodeFirst(Bytes bytes, Picture &picture) {
  WebPData data = {bytes.data(), bytes.size()};
  WebPAnimDecoderOptions options;
  if (!WebPAnimDecoderOptionsInit(&options))
    throw Undecodable{"the library is of another version"};
  options.color_mode = MODE_RGBA;
  std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(WebPAnimDecoderNew(&data, &options),
                                                                             WebPAnimDecoderDelete);
  WebPAnimInfo info;
  uint8_t *pixels = nullptr;
  int time = 0;
  if (!decoder || !WebPAnimDecoderGetInfo(decoder.get(), &info) || info.canvas_width != picture.width ||
      info.canvas_height != picture.height || !WebPAnimDecoderGetNext(decoder.get(), &pixels, &time))
    throw Undecodable{"the animation is damaged"};
  for (int64_t i = 0; i < picture.width * picture.height; ++i)
    for (int64_t c = 0; c < 3; ++c)
      picture.pixels[size_t(3 * i + c)] = pixels[4 * i + c];
}

Picture fsc::image::decodeWebp(Bytes bytes) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(bytes.data(), bytes.size(), &features) != VP8_STATUS_OK)
    throw Undecodable{"the header is damaged"};
  Picture picture(features.width, features.height);
  if (features.has_animation)
    decodeFirst(bytes, picture);
  else if (!WebPDecodeRGBInto(bytes.data(), bytes.size(), picture.pixels.data(), picture.pixels.size(),
                              int(3 * picture.width)))
    throw Undecodable{"the image is damaged or cut off"};
  return picture;
}
