// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @maps_both_ways
// CHECK-COUNT-2: fsc.category_mapper
func.func @maps_both_ways(%x: tensor<?x!fsc.string>) -> tensor<?x!fsc.string> {
  %0 = fsc.category_mapper(%x) {cats_int64s = array<i64: 1, 2>, cats_strings = ["a", "b"]} : (tensor<?x!fsc.string>) -> tensor<?xi64>
  %1 = fsc.category_mapper(%0) {cats_int64s = array<i64: 1, 2>, cats_strings = ["a", "b"]} : (tensor<?xi64>) -> tensor<?x!fsc.string>
  return %1 : tensor<?x!fsc.string>
}

// -----

// category_mapper.C1: there are as many names as numbers
func.func @category_mapper_c1(%x: tensor<2xi64>) -> tensor<2x!fsc.string> {
  // expected-error @+1 {{expected as many cats_strings as cats_int64s}}
  %r = fsc.category_mapper(%x) {cats_int64s = array<i64: 1, 2>, cats_strings = ["a"]} : (tensor<2xi64>) -> tensor<2x!fsc.string>
  return %r : tensor<2x!fsc.string>
}

// -----

// category_mapper.C2: the operand is names or numbers
func.func @category_mapper_c2(%x: tensor<2xf32>) -> tensor<2x!fsc.string> {
  // expected-error @+1 {{expected strings or int64, got 'tensor<2xf32>'}}
  %r = fsc.category_mapper(%x) {cats_int64s = array<i64: 1>, cats_strings = ["a"]} : (tensor<2xf32>) -> tensor<2x!fsc.string>
  return %r : tensor<2x!fsc.string>
}
