//===- GraphTest.cpp - Graphs, names, constants, functions ----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ImportFixture.h"

using namespace fsc;

namespace {

TEST_F(ImportTest, keeps_the_names_of_values_and_dims) {
  ASSERT_TRUE(import("net (float[batch, 3] x) => (float[batch, 3] y) { y = Relu(x) }")) << errors;
  EXPECT_HAS(ir, "module @net attributes {fsc.opset = 13 : i64}");
  EXPECT_HAS(ir, "%arg0: tensor<?x3xf32> {fsc.dims = [\"batch\", \"\"], fsc.name = \"x\"}");
  EXPECT_HAS(ir, "-> (tensor<?x3xf32> {fsc.dims = [\"batch\", \"\"], fsc.name = \"y\"})");
}

TEST_F(ImportTest, binds_named_dims) {
  options.bindings["batch"] = 4;
  ASSERT_TRUE(import("net (float[batch, 3] x) => (float[batch, 3] y) { y = Relu(x) }")) << errors;
  EXPECT_HAS(ir, "-> (tensor<4x3xf32> {fsc.dims = [\"\", \"\"], fsc.name = \"y\"})");
}

TEST_F(ImportTest, refuses_to_bind_a_dim_that_the_model_has_not) {
  options.bindings["seq"] = 4;
  EXPECT_FALSE(import("net (float[batch, 3] x) => (float[batch, 3] y) { y = Relu(x) }"));
  EXPECT_HAS(errors, "expected the name of a dim of the inputs, got 'seq'\nnote: the model has 'batch'");
}

TEST_F(ImportTest, gives_nodes_as_locations) {
  onnx::ModelProto proto = parse("net (float[3] x) => (float[3] y) { t = Relu(x) y = Neg(t) }");
  proto.mutable_graph()->mutable_node(0)->set_name("first");
  ASSERT_TRUE(import(proto)) << errors;
  std::vector<std::string> places;
  module->walk([&](mlir::Operation *op) {
    if (op->getName().getDialectNamespace() == "fsc")
      places.push_back(describe(op->getLoc()));
  });
  EXPECT_EQ(places, (std::vector<std::string>{"node 'first' (Relu, opset 13)", "node 'Neg:y' (Neg, opset 13)"}));
}

TEST_F(ImportTest, takes_an_initializer_that_is_an_input_as_a_constant) {
  ASSERT_TRUE(import("net (float[2] x, float[2] w) => (float[2] y) <float[2] w = {1, 2}> { y = Add(x, w) }")) << errors;
  EXPECT_HAS(ir, "fsc.constant dense<[1.000000e+00, 2.000000e+00]>");
  EXPECT_HAS_NOT(ir, "%arg1");
}

TEST_F(ImportTest, takes_a_graph_whose_output_is_an_input_or_a_constant) {
  ASSERT_TRUE(import("net (float[2] x) => (float[2] x, int64[1] w) <int64[1] w = {5}> { }")) << errors;
  EXPECT_HAS(ir, "return %arg0, %0 : tensor<2xf32>, tensor<1xi64>");
}

TEST_F(ImportTest, takes_one_value_for_several_inputs) {
  ASSERT_TRUE(import("net (float[2] x) => (float[4] y) { y = Concat<axis = 0>(x, x) }")) << errors;
  EXPECT_HAS(ir, "fsc.concat(%arg0, %arg0)");
}

TEST_F(ImportTest, orders_nodes) {
  ASSERT_TRUE(import("net (float[2] x) => (float[2] y) { y = Neg(t) t = Relu(x) }")) << errors;
  EXPECT_LT(ir.find("fsc.relu"), ir.find("fsc.neg"));
}

TEST_F(ImportTest, refuses_cycles) {
  EXPECT_FALSE(import("net (float[2] x) => (float[2] y) { y = Add(x, t) t = Relu(y) }"));
  EXPECT_HAS(errors, "node 'Add:y' (Add, opset 13): the node reads what follows from its own output");
}

TEST_F(ImportTest, refuses_values_that_are_not_defined) {
  EXPECT_FALSE(import("net (float[2] x) => (float[2] y) { y = Add(x, nowhere) }"));
  EXPECT_HAS(errors, "node 'Add:y' (Add, opset 13): value 'nowhere' is not defined");
}

TEST_F(ImportTest, refuses_values_that_are_defined_twice) {
  EXPECT_FALSE(import("net (float[2] x) => (float[2] y) { y = Relu(x) y = Neg(x) }"));
  EXPECT_HAS(errors, "value 'y' is defined twice");
  EXPECT_FALSE(import("net (float[2] x) => (float[2] x) { x = Neg(x) }"));
}

TEST_F(ImportTest, takes_the_last_of_constants_of_one_name) {
  ASSERT_TRUE(import("net (int64[1] x) => (int64[1] y) { c = Constant<value_ints = [1]>() y = Add(x, c) "
                     "c = Constant<value_ints = [2]>() }"))
      << errors;
  EXPECT_HAS(ir, "fsc.constant dense<2>");
  EXPECT_HAS(errors, "another constant of the same name is taken");
}

TEST_F(ImportTest, has_every_form_of_constant) {
  ASSERT_TRUE(import("net () => (float a, float[2] b, int64 c, int64[3] d, float16[1] e) {"
                     "a = Constant<value_float = 1.5>() b = Constant<value_floats = [1.0, 2.0]>()"
                     "c = Constant<value_int = 7>() d = Constant<value_ints = [1, 2, 3]>()"
                     "e = Constant<value = float16[1] {15360}>() }"))
      << errors;
  EXPECT_HAS(ir, "dense<1.500000e+00> : tensor<f32>");
  EXPECT_HAS(ir, "dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>");
  EXPECT_HAS(ir, "dense<7> : tensor<i64>");
  EXPECT_HAS(ir, "dense<[1, 2, 3]> : tensor<3xi64>");
  EXPECT_HAS(ir, "dense<1.000000e+00> : tensor<1xf16>");
}

TEST_F(ImportTest, has_constants_of_strings) {
  ASSERT_TRUE(import("net () => (string[2] a, string b, string[1] c) {"
                     "a = Constant<value_strings = [\"s\", \"t\"]>() b = Constant<value_string = \"u\">()"
                     "c = Constant<value = string[1] {\"v\"}>() }"))
      << errors;
  EXPECT_HAS(ir, "dense<[\"s\", \"t\"]> : tensor<2x!fsc.string>");
  EXPECT_HAS(ir, "dense<\"u\"> : tensor<!fsc.string>");
  EXPECT_HAS(ir, "dense<\"v\"> : tensor<1x!fsc.string>");
}

TEST_F(ImportTest, makes_sparse_constants_dense) {
  onnx::ModelProto proto = parse("net () => (float[2, 3] y) { y = Identity(w) }");
  onnx::SparseTensorProto &sparse = *proto.mutable_graph()->add_sparse_initializer();
  sparse.add_dims(2);
  sparse.add_dims(3);
  sparse.mutable_values()->set_name("w");
  sparse.mutable_values()->set_data_type(onnx::TensorProto::FLOAT);
  sparse.mutable_values()->add_dims(1);
  sparse.mutable_values()->add_float_data(7);
  sparse.mutable_indices()->set_data_type(onnx::TensorProto::INT64);
  sparse.mutable_indices()->add_dims(1);
  sparse.mutable_indices()->add_dims(2);
  sparse.mutable_indices()->add_int64_data(1);
  sparse.mutable_indices()->add_int64_data(2);
  ASSERT_TRUE(import(proto)) << errors;
  EXPECT_HAS(ir, "[0.000000e+00, 0.000000e+00, 7.000000e+00]]> : tensor<2x3xf32>");
  sparse.mutable_indices()->set_int64_data(1, 3);
  EXPECT_FALSE(import(proto));
  EXPECT_HAS(errors, "sparse tensor: expected indices inside of its shape");
}

TEST_F(ImportTest, has_bools_that_are_0_or_1) {
  onnx::ModelProto proto = parse("net () => (bool[3] y) <bool[3] w = {0, 1, 1}> { y = Identity(w) }");
  proto.mutable_graph()->mutable_initializer(0)->clear_int32_data();
  proto.mutable_graph()->mutable_initializer(0)->set_raw_data(std::string("\0\x02\xff", 3));
  ASSERT_TRUE(import(proto)) << errors;
  EXPECT_HAS(ir, "dense<[false, true, true]> : tensor<3xi1>");
}

/// net () => (y: [size] of `type`) { y = Identity(w) }, where w has the bytes.
static onnx::ModelProto constantOf(int32_t type, int64_t size, const std::string &bytes, bool isRaw) {
  onnx::ModelProto proto;
  proto.set_ir_version(12);
  proto.add_opset_import()->set_version(25);
  onnx::GraphProto &graph = *proto.mutable_graph();
  graph.set_name("net");
  onnx::NodeProto &node = *graph.add_node();
  node.set_op_type("Identity");
  node.add_input("w");
  node.add_output("y");
  onnx::TensorProto &w = *graph.add_initializer();
  w.set_name("w");
  w.set_data_type(type);
  w.add_dims(size);
  if (isRaw)
    w.set_raw_data(bytes);
  else
    for (char byte : bytes)
      w.add_int32_data(uint8_t(byte));
  graph.add_output()->set_name("y");
  graph.mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(type);
  graph.mutable_output(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(size);
  return proto;
}

TEST_F(ImportTest, unpacks_elements_narrower_than_a_byte) {
  for (bool isRaw : {false, true}) {
    ASSERT_TRUE(import(constantOf(onnx::TensorProto::INT4, 3, "\x7a\x0f", isRaw))) << errors;
    EXPECT_HAS(ir, "dense<[-6, 7, -1]> : tensor<3xi4>");
    ASSERT_TRUE(import(constantOf(onnx::TensorProto::UINT4, 3, "\x7a\x0f", isRaw))) << errors;
    EXPECT_HAS(ir, "dense<[10, 7, 15]> : tensor<3xui4>");
    ASSERT_TRUE(import(constantOf(onnx::TensorProto::INT2, 5, "\xa7\x01", isRaw))) << errors;
    EXPECT_HAS(ir, "dense<[-1, 1, -2, -2, 1]> : tensor<5xi2>");
    ASSERT_TRUE(import(constantOf(onnx::TensorProto::FLOAT4E2M1, 2, "\x9f", isRaw))) << errors;
    EXPECT_HAS(ir, "dense<[-6.000000e+00, -5.000000e-01]> : tensor<2xf4E2M1FN>");
    ASSERT_TRUE(import(constantOf(onnx::TensorProto::FLOAT8E4M3FN, 2, "\x38\xfe", isRaw))) << errors;
    EXPECT_HAS(ir, "dense<[1.000000e+00, -4.480000e+02]> : tensor<2xf8E4M3FN>");
  }
  // Larger ones are resources, of a byte for each element.
  ASSERT_TRUE(import(constantOf(onnx::TensorProto::INT4, 101, std::string(51, '\x21'), true))) << errors;
  EXPECT_HAS(ir, "dense_resource<w> : tensor<101xi4>");
}

TEST_F(ImportTest, refuses_packed_elements_of_another_number) {
  EXPECT_FALSE(import(constantOf(onnx::TensorProto::INT4, 3, "abc", true)));
  EXPECT_HAS(errors, "expected 2 bytes of data, got 3");
  EXPECT_FALSE(import(constantOf(onnx::TensorProto::UINT2, 5, "a", false)));
  EXPECT_HAS(errors, "expected 2 elements, got 1");
}

TEST_F(ImportTest, has_tensors_without_elements) {
  ASSERT_TRUE(import("net (float[0, 2] x) => (float[0, 2] y) <float[0, 2] w = {}> { y = Add(x, w) }")) << errors;
  EXPECT_HAS(ir, ": tensor<0x2xf32>");
}

TEST_F(ImportTest, inlines_functions_of_the_model) {
  const char *function = "<domain: \"own\", opset_import: [\"\" : 18]> scale <alpha> (x, bias) => (y) {"
                         "a = Constant<value_float : float = @alpha>() t = Mul(x, a) y = Add(t, bias) }";
  ASSERT_TRUE(import("net (float[2] x, float[2] b) => (float[2] y) { y = own.scale<alpha = 2.0>(x, b) }", 13, function))
      << errors;
  EXPECT_HAS(ir, "fsc.constant dense<2.000000e+00> : tensor<f32>");
  EXPECT_HAS(ir, "fsc.add");
}

TEST_F(ImportTest, refuses_functions_that_call_themselves) {
  const char *function = "<domain: \"own\", opset_import: [\"\" : 13, \"own\" : 1]> f (x) => (y) { y = own.f(x) }";
  EXPECT_FALSE(import("net (float[2] x) => (float[2] y) { y = own.f(x) }", 13, function));
  EXPECT_HAS(errors, "expected at most 32 functions within functions, got more");
}

TEST_F(ImportTest, refuses_functions_that_grow_without_bound) {
  std::string functions;
  for (int i = 0; i < 30; ++i) {
    std::string inner = i == 29 ? "Neg" : "own.f" + std::to_string(i + 1);
    functions += "<domain: \"own\", opset_import: [\"\" : 13, \"own\" : 1]> f" + std::to_string(i) +
                 " (x) => (y) { t = " + inner + "(x) y = " + inner + "(t) }\n";
  }
  options.limits.nodes = 1000;
  EXPECT_FALSE(import("net (float[2] x) => (float[2] y) { y = own.f0(x) }", 13, functions));
  EXPECT_HAS(errors, "expected at most 1000 nodes with functions inlined, got more");
}

TEST_F(ImportTest, inlines_the_bodies_that_onnx_gives) {
  ASSERT_TRUE(import("net () => (float[n] y) <int64 s = {10}> { y = HannWindow(s) }", 17)) << errors;
  EXPECT_HAS(ir, "fsc.range");
  EXPECT_HAS(ir, "fsc.cos");
}

TEST_F(ImportTest, summarizes) {
  onnx::ModelProto proto =
      parse("net (float[batch, 3] x) => (float[batch, 4] y) <float[3, 4] w = {1,2,3,4,5,6,7,8,9,10,"
            "11,12}> { t = MatMul(x, w) u = own.Odd(t) y = Relu(u) }");
  write("model.onnx", proto.SerializeAsString());
  auto read = readModel(&context, (folder / "model.onnx").string());
  ASSERT_TRUE(succeeded(read));
  std::string text;
  llvm::raw_string_ostream os(text);
  inspectModel(&context, **read, options, os);
  EXPECT_HAS(text, "opsets: ai.onnx 13 own 1");
  EXPECT_HAS(text, "  x: tensor(float) [batch, 3]");
  EXPECT_HAS(text, "parameters: 12\n");
  EXPECT_HAS(text, "     1  own.Odd");
  EXPECT_HAS(text, "node 'Odd:u' (own.Odd, opset 1): operator Odd of domain 'own' is not supported");
}

} // namespace
