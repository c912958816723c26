// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @broadcasts
// CHECK: fsc.string_concat
func.func @broadcasts(%x: tensor<3x1x!fsc.string>, %y: tensor<4x!fsc.string>) -> tensor<3x4x!fsc.string> {
  %r = fsc.string_concat(%x, %y) : (tensor<3x1x!fsc.string>, tensor<4x!fsc.string>) -> tensor<3x4x!fsc.string>
  return %r : tensor<3x4x!fsc.string>
}

// -----

// text.C1: the operands are strings
func.func @text_c1(%x: tensor<4x!fsc.string>, %y: tensor<4xf32>) -> tensor<4x!fsc.string> {
  // expected-error @+1 {{expected a tensor of strings, got 'tensor<4xf32>'}}
  %r = fsc.string_concat(%x, %y) : (tensor<4x!fsc.string>, tensor<4xf32>) -> tensor<4x!fsc.string>
  return %r : tensor<4x!fsc.string>
}
