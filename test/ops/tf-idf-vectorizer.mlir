// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_a_column_for_each_index
// CHECK: fsc.tf_idf_vectorizer
func.func @has_a_column_for_each_index(%x: tensor<?x4xi32>) -> tensor<?x3xf32> {
  %r = fsc.tf_idf_vectorizer(%x) {max_gram_length = 2 : i64, max_skip_count = 0 : i64, min_gram_length = 1 : i64, mode = "TF", ngram_counts = array<i64: 0, 2>, ngram_indexes = array<i64: 0, 1, 2>, pool_int64s = array<i64: 5, 6, 7, 8>} : (tensor<?x4xi32>) -> tensor<?x3xf32>
  return %r : tensor<?x3xf32>
}

// -----

// tf_idf_vectorizer.C1: the operand is [C] or [N, C]
func.func @tf_idf_vectorizer_c1(%x: tensor<2x2x4xi32>) -> tensor<2x2x3xf32> {
  // expected-error @+1 {{expected an operand of shape [C] or [N, C]}}
  %r = fsc.tf_idf_vectorizer(%x) {max_gram_length = 2 : i64, max_skip_count = 0 : i64, min_gram_length = 1 : i64, mode = "TF", ngram_counts = array<i64: 0, 2>, ngram_indexes = array<i64: 0, 1, 2>, pool_int64s = array<i64: 5, 6, 7, 8>} : (tensor<2x2x4xi32>) -> tensor<2x2x3xf32>
  return %r : tensor<2x2x3xf32>
}

// -----

// tf_idf_vectorizer.C2: the pool is of what the operand is
func.func @tf_idf_vectorizer_c2(%x: tensor<4x!fsc.string>) -> tensor<3xf32> {
  // expected-error @+1 {{expected a pool of the operand's elements}}
  %r = fsc.tf_idf_vectorizer(%x) {max_gram_length = 2 : i64, max_skip_count = 0 : i64, min_gram_length = 1 : i64, mode = "TF", ngram_counts = array<i64: 0, 2>, ngram_indexes = array<i64: 0, 1, 2>, pool_int64s = array<i64: 5, 6, 7, 8>} : (tensor<4x!fsc.string>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// tf_idf_vectorizer.C3: the lengths of n-grams are possible
func.func @tf_idf_vectorizer_c3(%x: tensor<4xi32>) -> tensor<3xf32> {
  // expected-error @+1 {{expected 1 <= min_gram_length <= max_gram_length}}
  %r = fsc.tf_idf_vectorizer(%x) {max_gram_length = 2 : i64, max_skip_count = 0 : i64, min_gram_length = 3 : i64, mode = "TF", ngram_counts = array<i64: 0, 2>, ngram_indexes = array<i64: 0, 1, 2>, pool_int64s = array<i64: 5, 6, 7, 8>} : (tensor<4xi32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// tf_idf_vectorizer.C4: the mode is one that there is
func.func @tf_idf_vectorizer_c4(%x: tensor<4xi32>) -> tensor<3xf32> {
  // expected-error @+1 {{expected mode TF, IDF or TFIDF, got 'BM25'}}
  %r = fsc.tf_idf_vectorizer(%x) {max_gram_length = 2 : i64, max_skip_count = 0 : i64, min_gram_length = 1 : i64, mode = "BM25", ngram_counts = array<i64: 0, 2>, ngram_indexes = array<i64: 0, 1, 2>, pool_int64s = array<i64: 5, 6, 7, 8>} : (tensor<4xi32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// tf_idf_vectorizer.C5: ngram_counts divide the pool
func.func @tf_idf_vectorizer_c5(%x: tensor<4xi32>) -> tensor<3xf32> {
  // expected-error @+1 {{expected ngram_counts that divide the pool into n-grams}}
  %r = fsc.tf_idf_vectorizer(%x) {max_gram_length = 2 : i64, max_skip_count = 0 : i64, min_gram_length = 1 : i64, mode = "TF", ngram_counts = array<i64: 0, 1>, ngram_indexes = array<i64: 0, 1, 2>, pool_int64s = array<i64: 5, 6, 7, 8>} : (tensor<4xi32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// tf_idf_vectorizer.C6: each n-gram has a column
func.func @tf_idf_vectorizer_c6(%x: tensor<4xi32>) -> tensor<3xf32> {
  // expected-error @+1 {{expected 3 columns in ngram_indexes, got 2}}
  %r = fsc.tf_idf_vectorizer(%x) {max_gram_length = 2 : i64, max_skip_count = 0 : i64, min_gram_length = 1 : i64, mode = "TF", ngram_counts = array<i64: 0, 2>, ngram_indexes = array<i64: 0, 1>, pool_int64s = array<i64: 5, 6, 7, 8>} : (tensor<4xi32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// tf_idf_vectorizer.C6: each column has a weight
func.func @tf_idf_vectorizer_c6_weights(%x: tensor<4xi32>) -> tensor<3xf32> {
  // expected-error @+1 {{expected 3 weights, got 1}}
  %r = fsc.tf_idf_vectorizer(%x) {max_gram_length = 2 : i64, max_skip_count = 0 : i64, min_gram_length = 1 : i64, mode = "TF", ngram_counts = array<i64: 0, 2>, ngram_indexes = array<i64: 0, 1, 2>, pool_int64s = array<i64: 5, 6, 7, 8>, weights = array<f32: 1.0>} : (tensor<4xi32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}
