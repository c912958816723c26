//===- Tiff.cpp - TIFF, by libtiff ----------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The first image of the file, as the library's interface for all kinds of samples gives it.
//
//===----------------------------------------------------------------------===//

#include "runtime/modules/image/Image.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <tiffio.h>

using namespace fsc::image;

namespace {

/// What the library may take at once; tiles may be larger than the image.
constexpr tmsize_t maxAllocation = tmsize_t(1) << 30;

struct TiffFile {
  Bytes bytes;
  uint64_t place = 0;
  char reason[256] = "the file is damaged";

  static TiffFile &of(thandle_t handle) { return *static_cast<TiffFile *>(handle); }

  static tmsize_t read(thandle_t handle, void *to, tmsize_t count) {
    TiffFile &file = of(handle);
    uint64_t there = file.bytes.size() - std::min<uint64_t>(file.place, file.bytes.size());
    size_t size = size_t(std::min<uint64_t>(there, uint64_t(std::max<tmsize_t>(count, 0))));
    if (size > 0)
      std::memcpy(to, file.bytes.data() + file.place, size);
    file.place += size;
    return tmsize_t(size);
  }
  static toff_t seek(thandle_t handle, toff_t offset, int from) {
    TiffFile &file = of(handle);
    file.place = from == SEEK_SET ? offset : from == SEEK_CUR ? file.place + offset : file.bytes.size() + offset;
    return file.place;
  }
  static toff_t size(thandle_t handle) { return of(handle).bytes.size(); }
  static tmsize_t write(thandle_t, void *, tmsize_t) { return -1; }
  static int close(thandle_t) { return 0; }

  static int keepReason(TIFF *, void *user, const char *, const char *format, va_list arguments) {
    auto &file = *static_cast<TiffFile *>(user);
    std::vsnprintf(file.reason, sizeof(file.reason), format, arguments);
    return 1;
  }
  static int ignore(TIFF *, void *, const char *, const char *, va_list) { return 1; }
};

} // namespace

Picture fsc::image::decodeTiff(Bytes bytes) {
  TiffFile file;
  file.bytes = bytes;
  std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
  if (!options)
    throw std::bad_alloc();
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), maxAllocation);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), TiffFile::keepReason, &file);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), TiffFile::ignore, &file);
  // m: no mapping; there is no file.
  std::unique_ptr<TIFF, decltype(&TIFFClose)> tiff(TIFFClientOpenExt("image", "rm", &file, TiffFile::read,
                                                                     TiffFile::write, TiffFile::seek, TiffFile::close,
                                                                     TiffFile::size, nullptr, nullptr, options.get()),
                                                   TIFFClose);
  uint32_t width = 0, height = 0;
  if (!tiff || !TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width) ||
      !TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height))
    throw Undecodable{file.reason};
  checkSize(width, height);
  char reason[1024];
  if (!TIFFRGBAImageOK(tiff.get(), reason))
    throw Undecodable{reason};
  std::vector<uint32_t> raster(size_t(width) * height);
  if (!TIFFReadRGBAImageOriented(tiff.get(), width, height, raster.data(), ORIENTATION_TOPLEFT, /*stopOnError=*/1))
    throw Undecodable{file.reason};
  Picture picture(width, height);
  for (size_t i = 0; i < raster.size(); ++i) {
    uint8_t *to = picture.pixels.data() + 3 * i;
    to[0] = uint8_t(TIFFGetR(raster[i])), to[1] = uint8_t(TIFFGetG(raster[i])), to[2] = uint8_t(TIFFGetB(raster[i]));
  }
  return picture;
}
