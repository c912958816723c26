// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_every_narrow_type
// CHECK-SAME: tensor<4xf8E4M3FN>
// CHECK: fsc.cast(%{{.*}}) {round_mode = "up", saturate = 1 : i64, to = 18 : i64} : (tensor<4xf8E4M3FN>) -> tensor<4xf8E4M3FNUZ>
func.func @has_every_narrow_type(%x: tensor<4xf8E4M3FN>) -> tensor<4xui2> {
  %0 = fsc.cast(%x) {to = 18 : i64} : (tensor<4xf8E4M3FN>) -> tensor<4xf8E4M3FNUZ>
  %1 = fsc.cast(%0) {to = 19 : i64, saturate = 0 : i64} : (tensor<4xf8E4M3FNUZ>) -> tensor<4xf8E5M2>
  %2 = fsc.cast(%1) {to = 20 : i64} : (tensor<4xf8E5M2>) -> tensor<4xf8E5M2FNUZ>
  %3 = fsc.cast(%2) {to = 23 : i64} : (tensor<4xf8E5M2FNUZ>) -> tensor<4xf4E2M1FN>
  %4 = fsc.cast(%3) {to = 24 : i64, round_mode = "nearest"} : (tensor<4xf4E2M1FN>) -> tensor<4xf8E8M0FNU>
  %5 = fsc.cast(%4) {to = 21 : i64} : (tensor<4xf8E8M0FNU>) -> tensor<4xui4>
  %6 = fsc.cast(%5) {to = 22 : i64} : (tensor<4xui4>) -> tensor<4xi4>
  %7 = fsc.cast(%6) {to = 26 : i64} : (tensor<4xi4>) -> tensor<4xi2>
  %8 = fsc.cast(%7) {to = 25 : i64} : (tensor<4xi2>) -> tensor<4xui2>
  return %8 : tensor<4xui2>
}

// CHECK-LABEL: @moves_what_it_cannot_compute_with
// CHECK: fsc.transpose
func.func @moves_what_it_cannot_compute_with(%x: tensor<2x3xi4>) -> tensor<6xi4> {
  %s = fsc.constant dense<6> : tensor<1xi64>
  %0 = fsc.transpose(%x) : (tensor<2x3xi4>) -> tensor<3x2xi4>
  %1 = fsc.reshape(%0, %s) : (tensor<3x2xi4>, tensor<1xi64>) -> tensor<6xi4>
  return %1 : tensor<6xi4>
}

// -----

// cast: round_mode is one of ONNX's
func.func @names_the_round_modes(%x: tensor<4xf32>) -> tensor<4xf8E8M0FNU> {
  // expected-error @+1 {{expected round_mode 'up', 'down' or 'nearest', got 'even'}}
  %0 = fsc.cast(%x) {to = 24 : i64, round_mode = "even"} : (tensor<4xf32>) -> tensor<4xf8E8M0FNU>
  return %0 : tensor<4xf8E8M0FNU>
}

// -----

func.func @computes_nothing_with_narrow_floats(%x: tensor<4xf8E5M2>) -> tensor<4xf8E5M2> {
  // expected-error @+1 {{expected elements that can be computed with, got 'f8E5M2', which can only be moved and converted}}
  %0 = fsc.add(%x, %x) : (tensor<4xf8E5M2>, tensor<4xf8E5M2>) -> tensor<4xf8E5M2>
  return %0 : tensor<4xf8E5M2>
}

// -----

func.func @computes_nothing_with_narrow_integers(%x: tensor<2x2xi4>) -> tensor<2x2xi4> {
  // expected-error @+1 {{expected elements that can be computed with, got 'i4'}}
  %0 = fsc.matmul(%x, %x) : (tensor<2x2xi4>, tensor<2x2xi4>) -> tensor<2x2xi4>
  return %0 : tensor<2x2xi4>
}

// -----

func.func @has_no_other_widths(%x: tensor<4xi3>) -> tensor<4xi3> {
  // expected-error @+1 {{must be ranked tensor of an ONNX element type}}
  %0 = fsc.identity(%x) : (tensor<4xi3>) -> tensor<4xi3>
  return %0 : tensor<4xi3>
}
