// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_a_column_for_each_key
// CHECK: fsc.dict_vectorizer
func.func @has_a_column_for_each_key(%x: tensor<!fsc.map<i64, !fsc.string>>) -> tensor<1x2x!fsc.string> {
  %r = fsc.dict_vectorizer(%x) {int64_vocabulary = array<i64: 1, 5>} : (tensor<!fsc.map<i64, !fsc.string>>) -> tensor<1x2x!fsc.string>
  return %r : tensor<1x2x!fsc.string>
}

// -----

// dict_vectorizer.C1: there is a vocabulary of what the keys are
func.func @dict_vectorizer_c1(%x: tensor<!fsc.map<i64, f32>>) -> tensor<1x1xf32> {
  // expected-error @+1 {{expected a map and one vocabulary of its keys}}
  %r = fsc.dict_vectorizer(%x) {string_vocabulary = ["a"]} : (tensor<!fsc.map<i64, f32>>) -> tensor<1x1xf32>
  return %r : tensor<1x1xf32>
}
