// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @takes_tables_of_any_form
// CHECK: fsc.label_encoder
func.func @takes_tables_of_any_form(%x: tensor<2x?x!fsc.string>) -> tensor<2x?xi16> {
  %r = fsc.label_encoder(%x) {keys_strings = ["a", "b"], values_tensor = dense<[1, 2]> : tensor<2xi16>, default_tensor = dense<7> : tensor<1xi16>} : (tensor<2x?x!fsc.string>) -> tensor<2x?xi16>
  return %r : tensor<2x?xi16>
}

// -----

// label_encoder.C1: there is one list of keys and one of as many values
func.func @label_encoder_c1(%x: tensor<2xi64>) -> tensor<2xf32> {
  // expected-error @+1 {{expected one list of keys and one of as many values}}
  %r = fsc.label_encoder(%x) {keys_int64s = array<i64: 1, 2>, values_floats = array<f32: 1.0>} : (tensor<2xi64>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// -----

// label_encoder.C2: the keys are of the operand's type
func.func @label_encoder_c2(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{expected an operand of the keys' type 'i64'}}
  %r = fsc.label_encoder(%x) {keys_int64s = array<i64: 1>, values_floats = array<f32: 1.0>} : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// -----

// label_encoder.C3: a default tensor is one value
func.func @label_encoder_c3(%x: tensor<2xi64>) -> tensor<2xf32> {
  // expected-error @+1 {{expected a default of one 'f32'}}
  %r = fsc.label_encoder(%x) {keys_int64s = array<i64: 1>, values_floats = array<f32: 1.0>, default_tensor = dense<1> : tensor<1xi64>} : (tensor<2xi64>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}
