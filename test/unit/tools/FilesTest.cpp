//===- FilesTest.cpp - Reading NumPy's and ONNX's files, good and hostile -===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/include/fsc/fsc.h"
#include "tools/common/Compare.h"
#include "tools/common/Numpy.h"
#include "tools/common/TensorFile.h"

#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <zlib.h>

using namespace fsc::tools;

namespace {

std::string npy(const std::string &header, const std::string &data, char version = 1) {
  std::string file("\x93NUMPY", 6);
  file += {version, '\0'};
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    file += char(header.size() >> (8 * i) & 0xff);
  return file + header + data;
}

std::string little(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i)
    text += char(value >> (8 * i) & 0xff);
  return text;
}

template <typename T> std::string bytesOf(std::vector<T> values) {
  return std::string(reinterpret_cast<char *>(values.data()), values.size() * sizeof(T));
}

std::string deflated(const std::string &data) {
  std::string packed(compressBound(data.size()), '\0');
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(data.data()));
  stream.avail_in = uInt(data.size());
  stream.next_out = reinterpret_cast<Bytef *>(packed.data());
  stream.avail_out = uInt(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// True if the file was refused; any other end but a good one fails the test.
template <typename Read> bool refusedOrRead(Read read) {
  try {
    read();
  } catch (const Refusal &) {
    return true;
  }
  return false;
}

/// A zip file of one member.
std::string zip(const std::string &name, const std::string &data, bool pack, uint64_t claimedSize) {
  std::string stored = pack ? deflated(data) : data;
  uLong crc = crc32_z(0, reinterpret_cast<const Bytef *>(data.data()), data.size());
  std::string common = little(20, 2) + little(0, 2) + little(pack ? 8 : 0, 2) + little(0, 4) + little(crc, 4) +
                       little(stored.size(), 4) + little(claimedSize, 4) + little(name.size(), 2) + little(0, 2);
  std::string local = std::string("PK\x03\x04", 4) + common + name + stored;
  std::string entry =
      std::string("PK\x01\x02", 4) + little(20, 2) + common + little(0, 8) + little(0, 2) + little(0, 4) + name;
  return local + entry + std::string("PK\x05\x06", 4) + little(0, 4) + little(1, 2) + little(1, 2) +
         little(entry.size(), 4) + little(local.size(), 4) + little(0, 2);
}

TEST(Npy, reads_every_version) {
  for (char version : {1, 2, 3}) {
    Array array =
        readNpy(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", bytesOf<float>({1.5f, -2}), version),
                0, "x");
    EXPECT_EQ(array.dtype, FSC_FLOAT32);
    EXPECT_EQ(array.dims, std::vector<int64_t>{2});
    EXPECT_EQ(elementValue(array, 0), 1.5);
  }
}

TEST(Npy, reads_column_major_order) {
  Array array = readNpy(
      npy("{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3)}", bytesOf<int32_t>({1, 4, 2, 5, 3, 6})), 0, "x");
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(elementValue(array, i), i + 1);
}

TEST(Npy, reads_big_endian_numbers) {
  Array array =
      readNpy(npy("{'shape': (), 'descr': '>i2', 'fortran_order': False}", std::string("\x01\x02", 2)), 0, "x");
  EXPECT_EQ(elementValue(array, 0), 0x102);
  EXPECT_TRUE(array.dims.empty());
}

TEST(Npy, makes_bools_0_and_1) {
  Array array =
      readNpy(npy("{'descr': '|b1', 'fortran_order': False, 'shape': (3,)}", std::string("\x00\x01\x80", 3)), 0, "x");
  EXPECT_EQ(array.data, (std::vector<char>{0, 1, 1}));
}

TEST(Npy, takes_raw_bytes_for_the_type_the_model_wants) {
  std::string raw = npy("{'descr': '<V2', 'fortran_order': False, 'shape': (1,)}", std::string("\x80\x3f", 2));
  EXPECT_EQ(elementValue(readNpy(raw, FSC_BFLOAT16, "x"), 0), 1);
  EXPECT_THROW(readNpy(raw, FSC_FLOAT16, "x"), Refusal) << "NumPy has a name for that";
  EXPECT_THROW(readNpy(raw, FSC_FLOAT8E5M2, "x"), Refusal);
  std::string bytes = npy("{'descr': '|i1', 'fortran_order': False, 'shape': (3,)}", std::string("\xff\x02\x07", 3));
  EXPECT_EQ(readNpy(bytes, FSC_INT4, "x").data, (std::vector<char>{0x2f, 0x07}));
}

TEST(Npy, refuses_what_is_malformed) {
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  const std::string data = bytesOf<float>({1, 2});
  for (const char *header : {"", "{", "{}", "()", "{'descr': '<f4', 'fortran_order': False}",
                             "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} and more",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
                             "{'descr': '|O', 'fortran_order': False, 'shape': (2,)}",
                             "{'descr': '<U1', 'fortran_order': False, 'shape': (2,)}",
                             "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}", "{'descr': '<f4"})
    EXPECT_THROW(readNpy(npy(header, data), 0, "x"), Refusal) << header;
  EXPECT_THROW(readNpy(npy(good, data, 4), 0, "x"), Refusal) << "version 4";
  EXPECT_THROW(readNpy("hello", 0, "x"), Refusal);
  std::string file = npy(good, data);
  for (size_t length = 0; length < file.size(); ++length)
    EXPECT_THROW(readNpy(file.substr(0, length), 0, "x"), Refusal) << length;
}

TEST(Npy, is_read_as_it_was_written) {
  for (int32_t dtype = 1; dtype <= FSC_FLOAT6E3M2; ++dtype) {
    if (fsc_dtype_bits(dtype) == 0 || dtype == FSC_FLOAT4E2M1 || dtype >= FSC_FLOAT6E2M3 || dtype == FSC_STRING)
      continue;
    for (const std::vector<int64_t> &dims : {std::vector<int64_t>{}, {5}, {2, 3}, {0, 4}}) {
      Array array = randomArray(dtype, dims, 3, "x");
      Array back = readNpy(writeNpy(array), dtype, "x");
      EXPECT_EQ(back.dtype, dtype);
      EXPECT_EQ(back.dims, dims);
      EXPECT_TRUE(compare(back, array, {0, 0}).ok()) << fsc_dtype_name(dtype);
    }
  }
}

TEST(Npz, reads_stored_and_deflated_members) {
  std::string data(10000, 'a');
  for (bool pack : {false, true}) {
    std::string file = zip("x.npy", data, pack, data.size());
    EXPECT_EQ(npzNames(file, "f"), std::vector<std::string>{"x"});
    EXPECT_EQ(readNpzMember(file, "x", "f"), data);
    EXPECT_THROW(readNpzMember(file, "y", "f"), Refusal);
  }
}

TEST(Npz, refuses_false_sizes) {
  std::string data(10000, 'a');
  for (uint64_t size : {0u, 1u, 9999u, 10001u, 0x7fffffffu, 0xfffffffeu, 0xffffffffu})
    for (bool pack : {false, true})
      EXPECT_THROW(readNpzMember(zip("x.npy", data, pack, size), "x", "f"), Refusal) << size;
}

TEST(Npz, survives_truncation_and_damage) {
  std::string data = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", bytesOf<float>({1, 2}));
  std::string file = zip("x.npy", data, true, data.size());
  for (size_t length = 0; length < file.size(); ++length)
    EXPECT_THROW(readNpzMember(file.substr(0, length), "x", "f"), Refusal) << length;
  std::minstd_rand random(1); // NOLINT(bugprone-random-generator-seed): the same damage each time
  for (int i = 0; i < 20000; ++i) {
    std::string damaged = file;
    for (int n = 0; n < 3; ++n)
      damaged[random() % damaged.size()] = char(random());
    refusedOrRead([&] { readNpy(readNpzMember(damaged, "x", "f"), 0, "f"); });
  }
}

TEST(TensorProto, is_read_as_it_was_written) {
  for (int32_t dtype = 1; dtype <= FSC_FLOAT6E3M2; ++dtype) {
    if (fsc_dtype_bits(dtype) == 0 || dtype == FSC_STRING)
      continue;
    Array array = randomArray(dtype, {3, 5}, 3, "x");
    std::string name;
    Array back = readTensorProto(writeTensorProto(array, "t"), "x", &name);
    EXPECT_EQ(name, "t");
    EXPECT_EQ(back.dtype, dtype);
    EXPECT_EQ(back.dims, array.dims);
    EXPECT_EQ(back.data, array.data);
  }
}

TEST(TensorProto, keeps_strings) {
  Array array = stringArray({2, 2}, {"a", "", std::string_view("b\0c", 3), "a"});
  Array back = readTensorProto(writeTensorProto(array, "t"), "x");
  EXPECT_EQ(back.dims, array.dims);
  EXPECT_EQ(stringElement(back, 2), std::string_view("b\0c", 3));
  EXPECT_TRUE(compare(back, array, {0, 0}).ok());
  EXPECT_FALSE(compare(back, stringArray({2, 2}, {"a", "x", "b", "a"}), {1e9, 1e9}).ok());
  // A file of addresses is no file of strings.
  EXPECT_THROW(writeNpy(array), Refusal);
  Array bytes = {FSC_COMPLEX128, {2}, std::vector<char>(32)};
  std::string npy = writeNpy(bytes);
  npy.replace(npy.find("<c16"), 4, "|V16");
  EXPECT_THROW(readNpy(npy, FSC_STRING, "x"), Refusal);
}

// Fields of the message by hand: dims = 1, data_type = 2, float_data = 4, int32_data = 5.
TEST(TensorProto, reads_the_typed_fields) {
  std::string floats = std::string("\x08\x02\x10\x01\x22\x08", 6) + bytesOf<float>({1, 2});
  EXPECT_EQ(elementValue(readTensorProto(floats, "x"), 1), 2);
  std::string bools("\x08\x03\x10\x09\x2a\x03\x00\x01\x05", 9);
  EXPECT_EQ(readTensorProto(bools, "x").data, (std::vector<char>{0, 1, 1}));
  std::string nibbles("\x08\x03\x10\x15\x2a\x02\x21\x03", 8); // uint4: 1, 2, 3
  EXPECT_EQ(elementValue(readTensorProto(nibbles, "x"), 1), 2);
}

TEST(TensorProto, refuses_what_does_not_add_up) {
  std::string tooFew = std::string("\x08\x03\x10\x01\x22\x08", 6) + bytesOf<float>({1, 2});
  EXPECT_THROW(readTensorProto(tooFew, "x"), Refusal);
  EXPECT_THROW(readTensorProto(std::string("\x08\x02\x10\x08", 4), "x"), Refusal) << "strings";
  EXPECT_THROW(readTensorProto("", "x"), Refusal) << "no type";
  EXPECT_THROW(readTensorProto("hello, world", "x"), Refusal);
  // dims: -1
  EXPECT_THROW(readTensorProto(std::string("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x10\x01", 13), "x"), Refusal);
  // data in another file
  EXPECT_THROW(readTensorProto(std::string("\x08\x01\x10\x01\x70\x01", 6), "x"), Refusal);
}

TEST(TensorProto, survives_damage) {
  std::string file = writeTensorProto(randomArray(FSC_FLOAT32, {3, 5}, 3, "x"), "tensor");
  std::minstd_rand random(1); // NOLINT(bugprone-random-generator-seed): the same damage each time
  for (int i = 0; i < 20000; ++i) {
    std::string damaged = file.substr(0, random() % (file.size() + 1));
    for (int n = 0; n < 3 && !damaged.empty(); ++n)
      damaged[random() % damaged.size()] = char(random());
    refusedOrRead([&] { readTensorProto(damaged, "x"); });
  }
}

} // namespace
