// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @takes_activations_with_values
// CHECK: fsc.rnn
func.func @takes_activations_with_values(%x: tensor<?x2x3xf32>, %w: tensor<1x4x3xf32>, %r: tensor<1x4x4xf32>) -> tensor<?x1x2x4xf32> {
  %y = fsc.rnn(%x, %w, %r) {activation_alpha = array<f32: 0.5>, activations = ["LeakyRelu"], direction = "reverse"} : (tensor<?x2x3xf32>, tensor<1x4x3xf32>, tensor<1x4x4xf32>) -> tensor<?x1x2x4xf32>
  return %y : tensor<?x1x2x4xf32>
}
