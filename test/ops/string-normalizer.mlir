// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @leaves_words_out
// CHECK: fsc.string_normalizer
func.func @leaves_words_out(%x: tensor<1x4x!fsc.string>) -> tensor<1x?x!fsc.string> {
  %r = fsc.string_normalizer(%x) {case_change_action = "LOWER", stopwords = ["a", "b"]} : (tensor<1x4x!fsc.string>) -> tensor<1x?x!fsc.string>
  return %r : tensor<1x?x!fsc.string>
}

// -----

// string_normalizer.C1: the operand is [C] or [1, C]
func.func @string_normalizer_c1(%x: tensor<2x4x!fsc.string>) -> tensor<1x?x!fsc.string> {
  // expected-error @+1 {{expected strings of shape [C] or [1, C]}}
  %r = fsc.string_normalizer(%x) : (tensor<2x4x!fsc.string>) -> tensor<1x?x!fsc.string>
  return %r : tensor<1x?x!fsc.string>
}

// -----

// string_normalizer.C2: the case is one that there is
func.func @string_normalizer_c2(%x: tensor<4x!fsc.string>) -> tensor<?x!fsc.string> {
  // expected-error @+1 {{expected case_change_action NONE, LOWER or UPPER, got 'TITLE'}}
  %r = fsc.string_normalizer(%x) {case_change_action = "TITLE"} : (tensor<4x!fsc.string>) -> tensor<?x!fsc.string>
  return %r : tensor<?x!fsc.string>
}
