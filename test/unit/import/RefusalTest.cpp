//===- RefusalTest.cpp - What importing refuses, and hostile files --------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ImportFixture.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <sys/stat.h>

using namespace fsc;

namespace {

TEST_F(ImportTest, reports_everything_unsupported_at_once) {
  EXPECT_FALSE(import("net (float[2] x) => (float[2] y) { a = own.One(x) b = Nope(x) c = own.Two(a) y = Add(b, c) }"));
  EXPECT_HAS(errors, "node 'One:a' (own.One, opset 1): operator One of domain 'own' is not supported\nnote: ");
  EXPECT_HAS(errors, "node 'Nope:b' (Nope, opset 13): opset 13 has no operator Nope");
  EXPECT_HAS(errors, "node 'Two:c' (own.Two, opset 1)");
  EXPECT_HAS_NOT(errors, "Add");
}

TEST_F(ImportTest, refuses_numbers_that_ONNX_gives_no_meaning) {
  EXPECT_FALSE(import(
      "net (float[2, 2, 3] t, int64[4] s) => (float[a, b, c, d] y) { y = AffineGrid<align_corners = 2>(t, s) }", 20));
  EXPECT_HAS(errors, "attribute 'align_corners': expected 0 or 1, got 2");
  EXPECT_FALSE(
      import("net (float[1, 1, 2, 4] x) => (float[1, 1, 2, 4] y) { y = Attention<softcap = -1.0>(x, x, x) }", 23));
  EXPECT_HAS(errors, "attribute 'softcap': expected 0 or more, got -1.0");
}

TEST_F(ImportTest, refuses_opsets_out_of_range) {
  EXPECT_FALSE(import("net (float[2] x) => (float[2] y) { y = Relu(x) }", 0));
  EXPECT_HAS(errors, "expected opset 1 to ");
  EXPECT_FALSE(import("net (float[2] x) => (float[2] y) { y = Relu(x) }", 1000));
  EXPECT_HAS(errors, "got 1000");
  const char *function = "<domain: \"own\", opset_import: [\"\" : 1000]> f (x) => (y) { y = Relu(x) }";
  EXPECT_FALSE(import("net (float[2] x) => (float[2] y) { y = own.f(x) }", 13, function));
  EXPECT_HAS(errors, "the function is of opset 1000 of domain '', which is not known");
  onnx::ModelProto proto = parse("net (float[2] x) => (float[2] y) { y = Relu(x) }");
  proto.set_ir_version(1000);
  EXPECT_FALSE(import(proto));
  EXPECT_HAS(errors, "expected a model of ONNX's IR version ");
}

TEST_F(ImportTest, refuses_what_onnx_says_is_wrong) {
  EXPECT_FALSE(import("net (float[2, 3] x) => (float[2, 3] y) { y = MatMul(x, x) }"));
  EXPECT_HAS(errors, "node 'MatMul:y' (MatMul, opset 13): ONNX's check of the node failed: Incompatible dimensions");
  EXPECT_FALSE(import("net (float[2] x, int64[2] z) => (float[2] y) { y = Add(x, z) }"));
  EXPECT_HAS(errors, "inconsistent type");
  EXPECT_FALSE(import("net (float[2] x) => (float[2] y) { y = Relu(x, x) }"));
  EXPECT_FALSE(import("net (float[2] x) => (float[2] y) { y = Relu<odd = 1>(x) }"));
  EXPECT_HAS(errors, "Unrecognized attribute: odd");
}

TEST_F(ImportTest, refuses_types_by_their_names) {
  EXPECT_FALSE(import("net (complex64[2] x) => (complex64[2] y) { y = Sin(x) }"));
  EXPECT_HAS(errors, "node 'Sin:y' (Sin, opset 13)");
  EXPECT_FALSE(import("net (sparse_tensor(float[2]) x) => (float[2] y) { y = Identity(x) }", 16));
  EXPECT_HAS(errors, "expected a tensor, sequence, optional or map, got sparse_tensor(float)");
}

TEST_F(ImportTest, refuses_inputs_of_unknown_rank) {
  onnx::ModelProto proto = parse("net (float[2] x) => (float[2] y) { y = Relu(x) }");
  proto.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  EXPECT_FALSE(import(proto));
  EXPECT_HAS(errors, "input 'x': expected a tensor of known rank");
}

TEST_F(ImportTest, does_not_believe_the_declared_shapes_of_outputs) {
  ASSERT_TRUE(import("net (float[n] x) => (float[5] y) { y = Relu(x) }")) << errors;
  EXPECT_HAS(ir, "-> (tensor<?xf32>");
  EXPECT_FALSE(import("net (float[n] x) => (int64[n] y) { y = Relu(x) }"));
  EXPECT_HAS(errors, "output 'y': expected elements of type float as the graph gives, got tensor(int64)");
}

TEST_F(ImportTest, refuses_tensors_whose_data_does_not_fit) {
  onnx::ModelProto proto = parse("net () => (float[2] y) <float[2] w = {1, 2}> { y = Identity(w) }");
  onnx::TensorProto &w = *proto.mutable_graph()->mutable_initializer(0);
  w.add_float_data(3);
  EXPECT_FALSE(import(proto));
  EXPECT_HAS(errors, "initializer 'w': expected 2 elements, got 3");
  w.clear_float_data();
  w.set_raw_data("1234567");
  EXPECT_FALSE(import(proto));
  EXPECT_HAS(errors, "expected 8 bytes of data, got 7");
  w.set_dims(0, INT64_MAX);
  EXPECT_FALSE(import(proto));
  EXPECT_HAS(errors, "expected a tensor of at most 64 TiB");
  w.set_dims(0, -2);
  EXPECT_FALSE(import(proto));
  EXPECT_HAS(errors, "expected sizes of at least 0, got -2");
}

/// A model with the initializer `w` of 1024 floats, the first 0, the second 1, and so on.
onnx::ModelProto withWeights() {
  onnx::ModelProto proto;
  proto.set_ir_version(8);
  proto.add_opset_import()->set_version(13);
  onnx::GraphProto &graph = *proto.mutable_graph();
  onnx::NodeProto &node = *graph.add_node();
  node.set_op_type("Identity");
  node.add_input("w");
  node.add_output("y");
  graph.add_output()->set_name("y");
  onnx::TensorProto &w = *graph.add_initializer();
  w.set_name("w");
  w.set_data_type(onnx::TensorProto::FLOAT);
  w.add_dims(1024);
  std::string bytes(4096, 0);
  for (int i = 0; i < 1024; ++i) {
    float value = float(i);
    std::memcpy(bytes.data() + 4 * i, &value, 4);
  }
  w.set_raw_data(bytes);
  return proto;
}

llvm::ArrayRef<char> weights(mlir::ModuleOp module) {
  llvm::ArrayRef<char> data;
  module.walk([&](mlir::Operation *op) {
    if (auto value = op->getAttrOfType<mlir::DenseResourceElementsAttr>("value"))
      data = value.getRawHandle().getBlob()->getData();
  });
  return data;
}

TEST_F(ImportTest, does_not_copy_weights) {
  onnx::ModelProto proto = withWeights();
  ASSERT_TRUE(import(proto)) << errors;
  EXPECT_TRUE(model->getProto().graph().initializer(0).raw_data().empty());
  llvm::ArrayRef<char> data = weights(*module);
  ASSERT_EQ(data.size(), 4096u);
  EXPECT_EQ(std::memcmp(data.data(), proto.graph().initializer(0).raw_data().data(), 4096), 0);
}

/// Moves the weights to a file beside the model.
onnx::TensorProto &moveOut(onnx::ModelProto &proto, const std::string &location, const std::string &offset = "0",
                           const std::string &length = "4096") {
  onnx::TensorProto &w = *proto.mutable_graph()->mutable_initializer(0);
  w.clear_raw_data();
  w.clear_external_data();
  w.set_data_location(onnx::TensorProto::EXTERNAL);
  for (auto [key, value] : {std::pair("location", location), {"offset", offset}, {"length", length}}) {
    onnx::StringStringEntryProto &entry = *w.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  return w;
}

TEST_F(ImportTest, maps_external_data) {
  onnx::ModelProto proto = withWeights();
  write("w.bin", "junk" + proto.graph().initializer(0).raw_data());
  moveOut(proto, "w.bin", "4");
  ASSERT_TRUE(import(proto)) << errors;
  float third = 0;
  std::memcpy(&third, weights(*module).data() + 8, 4);
  EXPECT_EQ(third, 2);
}

TEST_F(ImportTest, refuses_external_data_outside_of_the_folder) {
  onnx::ModelProto proto = withWeights();
  std::filesystem::create_directories(folder / "sub");
  std::filesystem::create_directories(folder / "outside");
  write("outside/w.bin", proto.graph().initializer(0).raw_data());
  std::filesystem::create_symlink(folder / "outside" / "w.bin", folder / "sub" / "link.bin");
  std::filesystem::create_directory_symlink(folder / "outside", folder / "sub" / "linked");
  std::filesystem::create_hard_link(folder / "outside" / "w.bin", folder / "sub" / "hard.bin");
  auto importFrom = [&](const std::string &location) {
    moveOut(proto, location);
    errors.clear();
    write("sub/model.onnx", proto.SerializeAsString());
    auto read = readModel(&context, (folder / "sub" / "model.onnx").string());
    return succeeded(read) && succeeded(importModel(&context, **read, options));
  };
  EXPECT_TRUE(importFrom("hard.bin")) << errors;
  for (const std::string &location :
       {std::string("../outside/w.bin"), (folder / "outside" / "w.bin").string(), std::string("link.bin"),
        std::string("linked/w.bin"), std::string("a/../../outside/w.bin"), std::string("/dev/zero"), std::string("."),
        std::string(""), std::string("missing.bin"), std::string("hard.bin\0x", 10)}) {
    EXPECT_FALSE(importFrom(location)) << location;
    EXPECT_HAS(errors, "initializer 'w': ");
  }
  mkfifo((folder / "sub" / "pipe").c_str(), 0600);
  EXPECT_FALSE(importFrom("pipe"));
}

TEST_F(ImportTest, refuses_external_data_outside_of_the_file) {
  onnx::ModelProto proto = withWeights();
  write("w.bin", proto.graph().initializer(0).raw_data());
  for (auto [offset, length] : {std::pair("1", "4096"),
                                {"-4096", "4096"},
                                {"18446744073709551615", "4096"},
                                {"0", "4097"},
                                {"0", "-1"},
                                {"4096", "4096"},
                                {"zero", "4096"}}) {
    moveOut(proto, "w.bin", offset, length);
    EXPECT_FALSE(import(proto)) << offset << " " << length;
  }
}

TEST_F(ImportTest, refuses_what_is_no_model) {
  EXPECT_FALSE(importBytes("hello, this is text"));
  EXPECT_HAS(errors, "in ONNX's protobuf format");
  EXPECT_FALSE(importBytes(""));
  EXPECT_HAS(errors, "the file is empty");
  EXPECT_FALSE(importBytes("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"));
  EXPECT_HAS(errors, "Git LFS pointer");
}

TEST_F(ImportTest, refuses_every_truncation_without_harm) {
  std::string bytes = withWeights().SerializeAsString();
  for (size_t size = 0; size < bytes.size(); size += size < 64 || size + 64 > bytes.size() ? 1 : 97)
    importBytes(bytes.substr(0, size));
}

TEST_F(ImportTest, refuses_messages_that_are_nested_too_deeply) {
  onnx::TypeProto type;
  for (int i = 0; i < 300; ++i) {
    onnx::TypeProto outer;
    *outer.mutable_sequence_type()->mutable_elem_type() = type;
    type = std::move(outer);
  }
  onnx::ModelProto proto = withWeights();
  *proto.mutable_graph()->add_input()->mutable_type() = std::move(type);
  EXPECT_FALSE(import(proto));
  EXPECT_HAS(errors, "expected at most 100 levels of nested messages");
}

TEST_F(ImportTest, refuses_models_that_would_grow_when_parsed) {
  limits.entries = 1000;
  onnx::ModelProto proto = withWeights();
  for (int i = 0; i < 1001; ++i)
    proto.mutable_graph()->add_node();
  EXPECT_FALSE(import(proto));
  EXPECT_HAS(errors, "expected a model of at most 1000 nodes, names and other entries, got more");
}

} // namespace
