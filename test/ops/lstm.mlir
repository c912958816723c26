// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @gives_the_states_of_all_steps
// CHECK: fsc.lstm
func.func @gives_the_states_of_all_steps(%x: tensor<?x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>) -> tensor<?x1x2x4xf32> {
  %y = fsc.lstm(%x, %w, %r) {hidden_size = 4 : i64} : (tensor<?x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>) -> tensor<?x1x2x4xf32>
  return %y : tensor<?x1x2x4xf32>
}

// CHECK-LABEL: @gives_the_last_states
// CHECK: fsc.lstm
func.func @gives_the_last_states(%x: tensor<?x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>, %n: tensor<2xi32>, %c: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %y:3 = fsc.lstm(%x, %w, %r, _, %n, _, %c) : (tensor<?x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>, tensor<2xi32>, tensor<1x2x4xf32>) -> (tensor<?x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return %y#2 : tensor<1x2x4xf32>
}

// -----

// lstm.C1: each direction has its activations
func.func @lstm_c1(%x: tensor<?x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>) -> tensor<?x1x2x4xf32> {
  // expected-error @+1 {{expected 3 activations, got 1}}
  %y = fsc.lstm(%x, %w, %r) {activations = ["Tanh"]} : (tensor<?x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>) -> tensor<?x1x2x4xf32>
  return %y : tensor<?x1x2x4xf32>
}

// -----

// lstm.C2: activations are those that ONNX names
func.func @lstm_c2(%x: tensor<?x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>) -> tensor<?x1x2x4xf32> {
  // expected-error @+1 {{expected an activation that ONNX names, got 'Tan'}}
  %y = fsc.lstm(%x, %w, %r) {activations = ["Tanh", "Tan", "Tanh"]} : (tensor<?x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>) -> tensor<?x1x2x4xf32>
  return %y : tensor<?x1x2x4xf32>
}

// -----

// lstm.C3: values without a default are given
func.func @lstm_c3(%x: tensor<?x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>) -> tensor<?x1x2x4xf32> {
  // expected-error @+1 {{expected activation_alpha and activation_beta for 'ScaledTanh'}}
  %y = fsc.lstm(%x, %w, %r) {activations = ["ScaledTanh", "Tanh", "Tanh"]} : (tensor<?x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>) -> tensor<?x1x2x4xf32>
  return %y : tensor<?x1x2x4xf32>
}

// -----

// lstm.C4: the form is one that ONNX has
func.func @lstm_c4(%x: tensor<?x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>) -> tensor<?x1x2x4xf32> {
  // expected-error @+1 {{expected direction forward, reverse or bidirectional, got 'sideways'}}
  %y = fsc.lstm(%x, %w, %r) {direction = "sideways"} : (tensor<?x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>) -> tensor<?x1x2x4xf32>
  return %y : tensor<?x1x2x4xf32>
}

// -----

// lstm.C5: operands have the shapes that x, r and the direction imply
func.func @lstm_c5(%x: tensor<?x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>, %b: tensor<1x16xf32>) -> tensor<?x1x2x4xf32> {
  // expected-error @+1 {{expected b of type 'tensor<1x32xf32>', got 'tensor<1x16xf32>'}}
  %y = fsc.lstm(%x, %w, %r, %b) {} : (tensor<?x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>, tensor<1x16xf32>) -> tensor<?x1x2x4xf32>
  return %y : tensor<?x1x2x4xf32>
}
