// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @draws
// CHECK: fsc.random_uniform
func.func @draws() -> tensor<3xf32> {
  %r = fsc.random_uniform() {shape = array<i64: 3>, high = 2.0 : f32, seed = 1.0 : f32} : () -> tensor<3xf32>
  return %r : tensor<3xf32>
}
