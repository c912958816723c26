// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @adds_a_dim_of_categories
// CHECK: fsc.one_hot_encoder
func.func @adds_a_dim_of_categories(%x: tensor<?x2x!fsc.string>) -> tensor<?x2x3xf32> {
  %r = fsc.one_hot_encoder(%x) {cats_strings = ["a", "b", "c"]} : (tensor<?x2x!fsc.string>) -> tensor<?x2x3xf32>
  return %r : tensor<?x2x3xf32>
}

// -----

// one_hot_encoder.C1: the categories are of what the operand is
func.func @one_hot_encoder_c1(%x: tensor<2xi64>) -> tensor<2x1xf32> {
  // expected-error @+1 {{expected one list of categories, of what the operand is}}
  %r = fsc.one_hot_encoder(%x) {cats_strings = ["a"]} : (tensor<2xi64>) -> tensor<2x1xf32>
  return %r : tensor<2x1xf32>
}
