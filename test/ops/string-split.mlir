// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @adds_a_dim
// CHECK: fsc.string_split
func.func @adds_a_dim(%x: tensor<2x?x!fsc.string>) -> (tensor<2x?x?x!fsc.string>, tensor<2x?xi64>) {
  %r:2 = fsc.string_split(%x) {delimiter = ","} : (tensor<2x?x!fsc.string>) -> (tensor<2x?x?x!fsc.string>, tensor<2x?xi64>)
  return %r#0, %r#1 : tensor<2x?x?x!fsc.string>, tensor<2x?xi64>
}

// -----

// text.C1: the operand is strings
func.func @text_c1(%x: tensor<4xf32>) -> tensor<4xi64> {
  // expected-error @+1 {{expected a tensor of strings}}
  %r:2 = fsc.string_split(%x) : (tensor<4xf32>) -> (tensor<4x?x!fsc.string>, tensor<4xi64>)
  return %r#1 : tensor<4xi64>
}
