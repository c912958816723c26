// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_the_operands_sizes
// CHECK: fsc.random_normal_like
func.func @has_the_operands_sizes(%x: tensor<2x?xi32>) -> tensor<2x?xf16> {
  %r = fsc.random_normal_like(%x) {dtype = 10 : i64} : (tensor<2x?xi32>) -> tensor<2x?xf16>
  return %r : tensor<2x?xf16>
}

// -----

// draw.C1: what is drawn are floats
func.func @draw_c1(%x: tensor<2xi32>) -> tensor<2xi32> {
  // expected-error @+1 {{expected a dtype of floats}}
  %r = fsc.random_normal_like(%x) : (tensor<2xi32>) -> tensor<2xi32>
  return %r : tensor<2xi32>
}
