//===- custom_op.h - Operators of your own ----------------------*- C -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C99 interface by which a shared library defines operators of domains that
// are not ONNX's. It needs no library of fsc: everything is called through the node.
//
//   static int infer(fsc_custom_node *node) {      // when a model is compiled
//     const fsc_custom_tensor *x = &node->inputs[0];
//     return fsc_custom_set_type(node, 0, x->dtype, x->rank, x->dims);
//   }
//   static int run(fsc_custom_node *node) {        // in each run
//     const fsc_custom_tensor *x = &node->inputs[0];
//     float *y = fsc_custom_output(node, 0, x->dims);
//     if (!y) return 1;                            // the reason is known already
//     …
//     return 0;
//   }
//   static const fsc_custom_op ops[] = {{"com.example", "Double", 1, infer, run}};
//   FSC_CUSTOM_OPS(ops)
//
// Both functions return 0, or anything else if they fail, after fsc_custom_fail has given the
// reason. They must not throw. `run` may be called by several threads at once, for different runs.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_CUSTOM_OP_H
#define FSC_CUSTOM_OP_H

#include "fsc.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface. A library is refused by an fsc that knows it not. */
#define FSC_CUSTOM_OP_VERSION 1u
#define FSC_CUSTOM_OP_MAGIC 0x00504f4d54534355ull
#define FSC_CUSTOM_OP_SYMBOL "fsc_custom_ops"

/* An operand, or a result that `run` is to compute: contiguous, row-major. Types narrower
   than a byte have a byte for each element. */
typedef struct fsc_custom_tensor {
  /* Of an operand in `run`: its elements. In `infer`: those of a constant of at most 1024 integers, bools,
     float32 or float64, else NULL. Of a tensor of strings NULL: see fsc_custom_string. */
  const void *data;
  int32_t dtype;       /* fsc_dtype; FSC_UNDEFINED: an operand that is left out, a result that nothing reads */
  int32_t rank;        /* 0 for a scalar */
  const int64_t *dims; /* [rank]; -1 where a size is not known: in `infer`, and of results before they are made */
} fsc_custom_tensor;

typedef struct fsc_custom_node fsc_custom_node;

/* What the functions below call. May grow at the end. */
typedef struct fsc_custom_functions {
  uint32_t version; /* FSC_CUSTOM_OP_VERSION */
  uint32_t size;    /* sizeof(fsc_custom_functions) */
  const int64_t *(*integers)(fsc_custom_node *node, const char *attribute, size_t *count);
  const double *(*floats)(fsc_custom_node *node, const char *attribute, size_t *count);
  size_t (*texts)(fsc_custom_node *node, const char *attribute, size_t index, fsc_string *text);
  int (*fail)(fsc_custom_node *node, const char *reason);
  int (*set_type)(fsc_custom_node *node, size_t output, int32_t dtype, int32_t rank, const int64_t *dims);
  void *(*output)(fsc_custom_node *node, size_t output, const int64_t *dims);
  void *(*allocate)(fsc_custom_node *node, size_t bytes);
  fsc_string (*string)(fsc_custom_node *node, size_t input, size_t index);
  int (*set_string)(fsc_custom_node *node, size_t output, size_t index, const char *data, size_t size);
} fsc_custom_functions;

/* One node of a model: what it is called with. */
struct fsc_custom_node {
  const fsc_custom_functions *functions;
  size_t input_count;
  const fsc_custom_tensor *inputs;
  size_t output_count;
  const fsc_custom_tensor *outputs; /* in `infer` of undefined type */
};

typedef int (*fsc_custom_function)(fsc_custom_node *node);

typedef struct fsc_custom_op {
  const char *domain; /* as the model has it */
  const char *name;
  int32_t since; /* the first version of the domain that has this form: several may have one name */
  fsc_custom_function infer;
  fsc_custom_function run;
} fsc_custom_op;

/* What a library exports, by the name FSC_CUSTOM_OP_SYMBOL. */
typedef struct fsc_custom_library {
  uint64_t magic;   /* FSC_CUSTOM_OP_MAGIC */
  uint32_t version; /* FSC_CUSTOM_OP_VERSION */
  uint32_t op_size; /* sizeof(fsc_custom_op) */
  size_t op_count;
  const fsc_custom_op *ops;
} fsc_custom_library;

#ifdef __cplusplus
#define FSC_CUSTOM_EXPORT extern "C" FSC_API
#else
#define FSC_CUSTOM_EXPORT extern FSC_API
#endif

/* Once in a library, at the scope of a file: exports the operators of an array. */
#define FSC_CUSTOM_OPS(OPS)                                                                                            \
  FSC_CUSTOM_EXPORT const fsc_custom_library fsc_custom_ops;                                                           \
  const fsc_custom_library fsc_custom_ops = {FSC_CUSTOM_OP_MAGIC, FSC_CUSTOM_OP_VERSION, sizeof(fsc_custom_op),        \
                                             sizeof(OPS) / sizeof((OPS)[0]), OPS};

/* ---- In both functions ------------------------------------------------- */

/* The values of an attribute: of an integer, integers, or a tensor of integers; NULL and a count of 0 if there is no
   such attribute. */
static inline const int64_t *fsc_custom_integers(fsc_custom_node *node, const char *attribute, size_t *count) {
  return node->functions->integers(node, attribute, count);
}
/* The same for floats. */
static inline const double *fsc_custom_floats(fsc_custom_node *node, const char *attribute, size_t *count) {
  return node->functions->floats(node, attribute, count);
}
/* How many strings an attribute has; the one at `index` goes to `text`, if that is not NULL and there is one. */
static inline size_t fsc_custom_texts(fsc_custom_node *node, const char *attribute, size_t index, fsc_string *text) {
  return node->functions->texts(node, attribute, index, text);
}
static inline int64_t fsc_custom_integer(fsc_custom_node *node, const char *attribute, int64_t otherwise) {
  size_t count;
  const int64_t *values = fsc_custom_integers(node, attribute, &count);
  return count > 0 ? values[0] : otherwise;
}
static inline double fsc_custom_float(fsc_custom_node *node, const char *attribute, double otherwise) {
  size_t count;
  const double *values = fsc_custom_floats(node, attribute, &count);
  return count > 0 ? values[0] : otherwise;
}

/* Whether the operand is there. */
static inline int fsc_custom_has_input(const fsc_custom_node *node, size_t input) {
  return input < node->input_count && node->inputs[input].dtype != FSC_UNDEFINED;
}

/* Says why the function fails, without the name of the node; returns 1. */
static inline int fsc_custom_fail(fsc_custom_node *node, const char *reason) {
  return node->functions->fail(node, reason);
}

/* ---- In infer ---------------------------------------------------------- */

/* The type of a result; -1 for sizes that are not known. Each one must be given. Returns 0, or 1 if there is no such
   result or type. */
static inline int fsc_custom_set_type(fsc_custom_node *node, size_t output, int32_t dtype, int32_t rank,
                                      const int64_t *dims) {
  return node->functions->set_type(node, output, dtype, rank, dims);
}

/* ---- In run ------------------------------------------------------------ */

/* Whether the result is read by anything. One that is not need not be computed. */
static inline int fsc_custom_wants_output(const fsc_custom_node *node, size_t output) {
  return output < node->output_count && node->outputs[output].dtype != FSC_UNDEFINED;
}

/* Memory for a result of these sizes, aligned to 64 bytes; they must fit the type that infer gave. Each result that is
   wanted must be asked for once. Of a tensor of strings not to be written to: see fsc_custom_set_string. NULL after a
   failure, whose reason is known. */
static inline void *fsc_custom_output(fsc_custom_node *node, size_t output, const int64_t *dims) {
  return node->functions->output(node, output, dims);
}

/* Memory that lasts until the end of the call; NULL after a failure, whose reason is known. */
static inline void *fsc_custom_allocate(fsc_custom_node *node, size_t bytes) {
  return node->functions->allocate(node, bytes);
}

/* An element of an operand of strings, good until the end of the run. */
static inline fsc_string fsc_custom_string(fsc_custom_node *node, size_t input, size_t index) {
  return node->functions->string(node, input, index);
}
/* Sets an element of a result of strings that fsc_custom_output has made; at first they are empty. Returns 0, or 1
   after a failure. */
static inline int fsc_custom_set_string(fsc_custom_node *node, size_t output, size_t index, const char *data,
                                        size_t size) {
  return node->functions->set_string(node, output, index, data, size);
}

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* FSC_CUSTOM_OP_H */
