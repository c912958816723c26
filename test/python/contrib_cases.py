# ===- contrib_cases.py - Forms of ONNX Runtime's operators -*- Python -*-=== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""The table of test_contrib.py. Formulas stand where ONNX Runtime's CPU has no kernel; theirs is the operator's
description in ONNX Runtime's ContribOperators.md."""

import math

import numpy as np

F16, F32 = np.float16, np.float32
HALF = {"rtol": 4e-3, "atol": 4e-3}
EXACT = {"rtol": 0, "atol": 0}
STEP = {"rtol": 0, "atol": 1}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def erf(x):
    return np.vectorize(math.erf)(x).astype(x.dtype)


def gelu(x):
    return (x * 0.5 * (1 + erf(x / np.sqrt(F32(2))))).astype(x.dtype)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def activations(cases):
    x, bias = cases.reals(2, 3, 8), cases.reals(8)
    for op in ("Gelu", "FastGelu", "QuickGelu"):
        cases.add(op, x)
    cases.add("FastGelu", x, bias)
    cases.add("BiasGelu", x, bias)
    cases.add("QuickGelu", x, alpha=1.5)
    for op in ("FastGelu", "QuickGelu"):
        cases.add(op, x.astype(F16), close=HALF)
    cases.add("BiasSplitGelu", x, bias, formula=lambda x, b: (x + b)[..., :4] * gelu((x + b)[..., 4:]))
    cases.add("BiasAdd", x, bias, cases.reals(2, 3, 8), formula=lambda x, b, skip: x + b + skip)


def normalizations(cases):
    x, skip, gamma, beta, bias = (cases.reals(*shape) for shape in ((2, 3, 8), (2, 3, 8), (8,), (8,), (8,)))
    half = [value.astype(F16) for value in (x, skip, gamma, beta, bias)]
    free = {0: {0: "batch", 1: "length"}, 1: {0: "batch", 1: "length"}}
    cases.add("SkipLayerNormalization", x, skip, gamma, beta, free=free)
    cases.add("SkipLayerNormalization", x, skip, gamma, None, bias, epsilon=1e-5)
    cases.add("SkipLayerNormalization", x, skip, gamma, beta, bias, outputs=4, skip=(1, 2))
    cases.add("SkipLayerNormalization", x, skip[:1], gamma, beta)
    cases.add("SkipLayerNormalization", x, skip[0], gamma, beta)
    cases.add("SkipLayerNormalization", *half, close=HALF)
    cases.add("SkipSimplifiedLayerNormalization", x, skip, gamma, free=free)
    cases.add("SkipSimplifiedLayerNormalization", x, skip, gamma, bias, epsilon=1e-6, outputs=4, skip=(1, 2))
    cases.add("SkipSimplifiedLayerNormalization", *half[:3], close=HALF)
    cases.add("GatedRMSNorm", x, gamma, skip)
    for op, inputs, outputs in (("SimplifiedLayerNormalization", (x, gamma), 2), ("LayerNormalization", (x, gamma, beta), 3)):
        cases.add(op, *inputs, domain="", epsilon=1e-5)
        cases.add(op, *inputs, domain="", axis=2, epsilon=1e-3, outputs=outputs)
    cases.add("SimplifiedLayerNormalization", half[0], half[2], domain="", close=HALF)


def embeddings(cases):
    ids, segments = cases.whole(0, 9, 2, 4, dtype=np.int32), cases.whole(0, 2, 2, 4, dtype=np.int32)
    mask = np.int32([[1, 1, 1, 0], [1, 1, 0, 0]])
    tables = [cases.reals(9, 8), cases.reals(6, 8), cases.reals(2, 8)]
    norm = [cases.reals(8), cases.reals(8)]
    cases.add("EmbedLayerNormalization", ids, segments, *tables, *norm, mask, outputs=3, constants=range(2, 7))
    cases.add("EmbedLayerNormalization", ids, None, *tables[:2], None, *norm, outputs=2, free={0: {0: "n", 1: "s"}})
    places = cases.whole(0, 6, 2, 4, dtype=np.int32)
    cases.add("EmbedLayerNormalization", ids, segments, *tables, *norm, None, places, epsilon=1e-5, outputs=2)
    scales, zeros = [F32(0.02), F32(0.03), F32(0.01), F32(0.015), F32(0.025)], [np.uint8(128)] * 5
    quantized = [cases.bytes(9, 8), cases.bytes(6, 8), cases.bytes(2, 8), cases.bytes(8), cases.bytes(8)]
    cases.add("QEmbedLayerNormalization", ids, segments, *quantized, mask, *scales, *zeros, outputs=2)


def heads_of(x, heads):
    batch, length, hidden = x.shape
    return x.reshape(batch, length, heads, hidden // heads).transpose(0, 2, 1, 3)


def attend(q, k, v):
    """softmax (q k' / sqrt (size)) v for [batch, heads, length, size]"""
    result = softmax(q @ k.transpose(0, 1, 3, 2) / np.sqrt(F32(q.shape[-1]))) @ v
    return result.transpose(0, 2, 1, 3).reshape(q.shape[0], q.shape[2], -1).astype(F32)


def attention(cases):
    batch, length, hidden, heads, past = 2, 4, 8, 2, 3
    x, w, b = cases.reals(batch, length, hidden), cases.reals(hidden, 3 * hidden, scale=0.4), cases.reals(3 * hidden)
    cases.add("Attention", x, w, b, num_heads=heads)
    cases.add("Attention", x, w, b, num_heads=heads, scale=0.3)
    # ONNX Runtime crashes without a bias.
    cases.add("Attention", x, w, num_heads=heads,
              formula=lambda x, w: attend(*(heads_of(part, heads) for part in np.split(x @ w, 3, -1))))
    cases.add("Attention", x, w, b, num_heads=heads, unidirectional=1, constants=(1, 2),
              free={0: {0: "n", 1: "s"}})
    masks = [np.int32([2, 4]), np.int32([3, 4, 1, 2]), np.int32([2, 4, 0, 2, 6, 0, 2, 6]),
             np.int32([[1, 1, 0, 0], [0, 1, 1, 1]]), cases.whole(0, 2, batch, length, length, dtype=np.int32)]
    for mask in masks:
        cases.add("Attention", x, w, b, mask, num_heads=heads)
        cases.add("Attention", x, w, b, mask, num_heads=heads, unidirectional=1, mask_filter_value=-5.0)
    cases.add("Attention", x, w, b, masks[1], num_heads=heads, free={0: {0: "n", 1: "s"}, 3: {0: "m"}})
    cases.add("Attention", x, w, b, np.zeros((batch, length), np.int32), num_heads=heads)
    before = cases.reals(2, batch, heads, past, hidden // heads)
    cases.add("Attention", x, w, b, None, before, num_heads=heads, outputs=2)
    cases.add("Attention", x, w, b, cases.whole(0, 2, batch, length + past, dtype=np.int32), before, num_heads=heads,
              unidirectional=1, outputs=2, free={0: {0: "n", 1: "s"}, 3: {0: "n", 1: "t"}, 4: {1: "n", 3: "p"}})
    for bias in ((1, 1), (1, heads), (batch, 1), (batch, heads)):
        cases.add("Attention", x, w, b, masks[3], None, cases.reals(*bias, length, length), num_heads=heads)
    cases.add("Attention", x, cases.reals(hidden, 8 + 8 + 12, scale=0.4), cases.reals(28), num_heads=heads,
              qkv_hidden_sizes=[8, 8, 12])
    cases.add("Attention", *(value.astype(F16) for value in (x, w, b)), masks[3], num_heads=heads, close=HALF)


def quantized_attention(cases):
    batch, length, hidden, heads, past = 2, 4, 8, 2, 3
    scales = [F32(0.03), F32(0.02)]
    bias = cases.reals(3 * hidden)
    x, w = cases.bytes(batch, length, hidden), cases.signed(hidden, 3 * hidden)
    cases.add("QAttention", x, w, bias, *scales, None, np.uint8(120), np.int8(3), num_heads=heads)
    cases.add("QAttention", x, cases.bytes(hidden, 3 * hidden), bias, *scales, np.int32([2, 4]), np.uint8(120),
              np.uint8(130), num_heads=heads, unidirectional=1)
    before = cases.reals(2, batch, heads, past, hidden // heads)
    cases.add("QAttention", x, w, bias, *scales, None, np.uint8(120), np.int8(0), before, num_heads=heads, outputs=2)


def multi_head(cases):
    batch, length, keys, hidden, heads, past = 2, 4, 6, 8, 2, 3
    q, k, v = cases.reals(batch, length, hidden), cases.reals(batch, keys, hidden), cases.reals(batch, keys, 12)
    bias = cases.reals(2 * hidden + 12)
    op = "MultiHeadAttention"
    cases.add(op, q, k, v, num_heads=heads, free={0: {0: "n", 1: "s"}, 1: {0: "n", 1: "t"}, 2: {0: "n", 1: "t"}})
    cases.add(op, q, k, v, bias, num_heads=heads, scale=0.2)
    cases.add(op, q, k, v, bias, num_heads=heads, outputs=3)
    for mask in (np.int32([3, 6]), np.int32([3, 6, 0, 4, 8, 0, 6, 12]), cases.whole(0, 2, batch, keys, dtype=np.int32),
                 cases.whole(0, 2, batch, length, keys, dtype=np.int32)):
        cases.add(op, q, k, v, None, mask, num_heads=heads)
    for mask in (np.int32([2, 4]), np.int32([[0, 1, 1, 0], [1, 0, 1, 1]])):
        cases.add(op, q, q, q, None, mask, num_heads=heads, unidirectional=1, mask_filter_value=-3.0)
    for shape in ((1, 1), (1, heads), (batch, 1), (batch, heads)):
        cases.add(op, q, k, v, None, None, cases.reals(*shape, length, keys), num_heads=heads)
    v, bias = cases.reals(batch, keys, hidden), cases.reals(3 * hidden)
    before = [cases.reals(batch, heads, past, 4), cases.reals(batch, heads, past, 4)]
    cases.add(op, q, k, v, bias, None, None, *before, num_heads=heads, outputs=3, free={6: {2: "p"}, 7: {2: "p"}})
    cases.add(op, q, q, q, bias, None, None, *before, num_heads=heads, outputs=3, unidirectional=1)
    cases.add(op, q, heads_of(k, heads), heads_of(v, heads), num_heads=heads)
    cases.add(op, q, heads_of(k, heads), heads_of(v, heads), bias, num_heads=heads)
    cases.add(op, *(value.astype(F16) for value in (q, k, v)), num_heads=heads, close=HALF)
    # CUDA's packed operands: [batch, length, heads, 3 or 2, size].
    cases.add(op, cases.reals(batch, length, heads, 3, 4), num_heads=heads,
              formula=lambda x: attend(*(x[:, :, :, i].transpose(0, 2, 1, 3) for i in range(3))))
    cases.add(op, cases.reals(batch, length, heads, 3, 4), None, None, cases.reals(24), num_heads=heads,
              formula=lambda x, _, __, b: attend(*((x[:, :, :, i] + b[8 * i : 8 * i + 8].reshape(heads, 4))
                                                   .transpose(0, 2, 1, 3) for i in range(3))))
    cases.add(op, q, cases.reals(batch, keys, heads, 2, 4), num_heads=heads,
              formula=lambda q, kv: attend(heads_of(q, heads), *(kv[:, :, :, i].transpose(0, 2, 1, 3) for i in (0, 1))))


def normalized_group(q, k, v, *more):
    """A prompt whose heads have the RMS norms of their weights, by the operator's description."""
    q, k, v = heads_of(q, 4), heads_of(k, 2), heads_of(v, 2)
    norm = lambda x, weight: x / np.sqrt((x**2).mean(-1, keepdims=True) + F32(1e-6)) * weight  # noqa: E731
    q, k, v = norm(q, more[-2]), norm(k, more[-1]).repeat(2, 1), v.repeat(2, 1)
    scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(F32(q.shape[-1]))
    scores = np.where(np.tri(q.shape[2], dtype=bool), scores, -np.inf)
    return (softmax(scores) @ v).transpose(0, 2, 1, 3).reshape(q.shape[0], q.shape[2], -1).astype(F32)


def group_query(cases):
    heads, groups, size = 4, 2, 16
    cosines, sines = cases.reals(16, size // 2), cases.reals(16, size // 2)
    base = {"num_heads": heads, "kv_num_heads": groups, "outputs": 3}

    def case(batch, length, past, ends, packed=False, dtype=F32, rotary=False, total=None, more=(), **form):
        hidden = size * (heads + 2 * groups if packed else heads)
        inputs = [cases.reals(batch, length, hidden, dtype=dtype)]
        inputs += [None, None] if packed else [cases.reals(batch, length, size * groups, dtype=dtype) for _ in "kv"]
        inputs += [None, None] if past is None else [cases.reals(batch, groups, past, size, dtype=dtype) for _ in "kv"]
        inputs += [np.int32(ends), np.int32([max(ends) + 1 if total is None else total])]
        inputs += [cosines.astype(dtype), sines.astype(dtype)] if rotary else [None, None]
        rotation = {"do_rotary": 1} if rotary else {}
        cases.add("GroupQueryAttention", *inputs, *more, **(base | rotation | form))

    case(2, 5, None, [4, 4])
    case(2, 5, None, [4, 4], packed=True, rotary=True, constants=(6,))
    case(2, 5, 8, [4, 4], rotary=True)  # a prompt into a buffer
    case(1, 1, 8, [5], rotary=True, constants=(5, 6))  # one more token in the buffer
    case(3, 1, 6, [5, 3, 0], rotary=True)  # of different lengths
    case(1, 3, 9, [7], rotary=True, rotary_interleaved=1)
    case(1, 1, 5, [5], packed=True, free={3: {2: "past"}, 4: {2: "past"}})  # behind a past without room
    case(2, 6, 12, [5, 5], local_window_size=4)
    case(2, 1, 12, [10, 2], local_window_size=4, rotary=True)
    case(2, 6, None, [5, 5], local_window_size=3, softcap=2.0, scale=0.7)
    case(2, 1, 8, [6, 4], smooth_softmax=1)
    case(1, 3, 8, [6], more=(None, None, cases.reals(heads)))
    case(1, 3, 8, [6], more=(None, cases.reals(1, heads, 3, 7)))
    case(1, 3, 8, [6], rotary=True, more=(cases.whole(0, 16, 1, 3),))
    case(1, 4, None, [3], causal=0)
    case(1, 3, None, [2], more=(None, None, None, None, None, cases.reals(size), cases.reals(size)), outputs=1,
         formula=normalized_group)
    case(2, 5, 8, [4, 4], rotary=True, dtype=F16, close=HALF)
    case(1, 1, 8, [6], rotary=True, dtype=F16, close=HALF, local_window_size=2)
    # Padding at the end of a prompt: rows beyond a sequence's end are not defined.
    case(2, 5, 8, [4, 2], rotary=True, total=5,
         view=lambda y: [y[0][0], y[0][1, :3], y[1][0], y[1][1, :, :3], y[2][0], y[2][1, :, :3]])


def rotary(cases):
    cosines, sines = cases.reals(10, 4), cases.reals(10, 4)
    x, positions = cases.reals(2, 3, 16), cases.whole(0, 10, 2, 3)
    cases.add("RotaryEmbedding", x, positions, cosines, sines, free={0: {0: "n", 1: "s"}, 1: {0: "n", 1: "s"}})
    cases.add("RotaryEmbedding", x, np.int64([4]), cosines, sines, interleaved=1)
    cases.add("RotaryEmbedding", cases.reals(2, 2, 3, 8), positions, cosines, sines)
    cases.add("RotaryEmbedding", x, positions, cosines[:, :2], sines[:, :2], num_heads=2, rotary_embedding_dim=4)
    cases.add("RotaryEmbedding", x.astype(F16), positions, cosines.astype(F16), sines.astype(F16), close=HALF)
    streams, form = cases.whole(0, 10, 3, 2, 3), {"mrope_section": [1, 1, 2], "num_heads": 2}
    for layout in (0, 1):
        cases.add("MRotaryEmbedding", x, streams, cosines, sines, mrope_layout=layout, **form)
    cases.add("MRotaryEmbedding", cases.reals(2, 2, 3, 8), streams, cosines, sines, interleaved=1, **form)


def products(cases):
    a, b = cases.reals(2, 3, 5), cases.reals(5, 4)
    cases.add("FusedMatMul", a, b, alpha=0.5)
    for op in ("FusedMatMul", "TransposeMatMul"):
        cases.add(op, cases.reals(2, 5, 3), cases.reals(2, 4, 5), transA=1, transB=1, alpha=2.0)
    cases.add("FusedMatMul", cases.reals(4, 2, 3, 5), cases.reals(2, 3, 5, 6), transBatchA=1)
    cases.add("FusedMatMul", cases.reals(5, 2, 3, 4), cases.reals(6, 2, 3, 5), transBatchA=1, transA=1, transBatchB=1,
              transB=1)
    cases.add("FusedMatMul", cases.reals(5), b, transA=1)
    cases.add("FusedMatMulActivation", a, b, activation="Relu", transB=0, alpha=2.0,
              formula=lambda a, b: np.maximum(2 * a @ b, 0))
    x, w, c = cases.reals(3, 5), cases.reals(5, 4), cases.reals(4)
    for name, values in (("Relu", {}), ("Tanh", {}), ("Sigmoid", {}), ("LeakyRelu", {"activation_alpha": 0.2}),
                         ("HardSigmoid", {"activation_alpha": 0.3, "activation_beta": 0.4}), ("Softplus", {}),
                         ("Softsign", {}), ("Elu", {"activation_alpha": 0.5})):
        cases.add("FusedGemm", x, w, c, activation=name, alpha=0.7, beta=1.3, **values)
    cases.add("FusedGemm", cases.reals(5, 3), cases.reals(4, 5), activation="Relu", transA=1, transB=1)
    cases.add("GemmFastGelu", x, w, c, formula=lambda x, w, c: (
        lambda y: (y * 0.5 * (1 + np.tanh(0.7978845608 * (y + 0.044715 * y**3)))).astype(F32))(x @ w + c))
    for metric in ("euclidean", "sqeuclidean"):
        cases.add("CDist", cases.reals(4, 3), cases.reals(5, 3), metric=metric)
    z = [cases.reals(3, 2), cases.reals(3, 2)]
    pairs = lambda z: np.stack([z.real, z.imag], -1)  # noqa: E731
    cases.add("ComplexMul", *z, formula=lambda a, b: pairs((a @ [1, 1j]) * (b @ [1, 1j])).astype(F32))
    cases.add("ComplexMulConj", *z, formula=lambda a, b: pairs((a @ [1, 1j]) * (b @ [1, -1j])).astype(F32))


def convolutions(cases):
    x, w, b, z = cases.reals(1, 4, 6, 6), cases.reals(3, 4, 3, 3), cases.reals(3), cases.reals(1, 3, 6, 6)
    form = {"pads": [1, 1, 1, 1], "kernel_shape": [3, 3]}
    for name, values in (("Relu", []), ("Tanh", []), ("Sigmoid", []), ("LeakyRelu", [0.3]), ("Clip", [-0.5, 0.8]),
                         ("HardSigmoid", [0.2, 0.4])):
        values = {"activation_params": values} if values else {}
        cases.add("FusedConv", x, w, b, activation=name, **form, **values)
    cases.add("FusedConv", x, w, b, z, activation="Relu", **form)
    cases.add("FusedConv", x, w, None, z, **form)
    cases.add("FusedConv", x, cases.reals(4, 1, 3, 3), activation="Relu", group=4, strides=[2, 2], dilations=[1, 2])
    cases.add("ConvTransposeWithDynamicPads", x, cases.reals(4, 3, 3, 3), np.int64([1, 0, 1, 2]), b, constants=(2,),
              strides=[2, 2])
    last = x.transpose(0, 2, 3, 1).copy()
    # By the operator's description: the convolution of the image with its channels first.
    direct = lambda x, w, b: np.stack([sum(  # noqa: E731
        (x[0, i : i + 4, j : j + 4] @ w[m, :, i, j]) for i in range(3) for j in range(3)) + b[m] for m in range(3)], -1)[None]
    cases.add("NhwcConv", last, w, b, formula=direct)
    cases.add("NhwcFusedConv", last, w, b, activation="Relu", formula=lambda *a: np.maximum(direct(*a), 0))
    cases.add("NhwcFusedConv", last, w, b, cases.reals(1, 4, 4, 3), formula=lambda x, w, b, z: direct(x, w, b) + z)
    for image in (cases.bytes(1, 6, 5, 4), cases.signed(1, 6, 5, 4)):
        cases.add("NhwcMaxPool", image, kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1], close=EXACT)

    def groups(x, gamma, beta, silu=True):
        parts = x.reshape(*x.shape[:3], 2, -1).astype(np.float64)
        mean, var = parts.mean((1, 2, 4), keepdims=True), parts.var((1, 2, 4), keepdims=True)
        y = ((parts - mean) / np.sqrt(var + 1e-5)).reshape(x.shape) * gamma + beta
        return (y * sigmoid(y) if silu else y).astype(x.dtype)

    image, gamma, beta = cases.reals(2, 3, 4, 8), cases.reals(8), cases.reals(8)
    cases.add("GroupNorm", image, gamma, beta, groups=2, activation=1, formula=groups)
    cases.add("GroupNorm", image.astype(F16), gamma, beta, groups=2, activation=0, close=HALF,
              formula=lambda x, g, b: groups(x, g, b, False))
    skip = cases.reals(2, 8)
    cases.add("SkipGroupNorm", image, gamma, beta, skip, gamma, groups=2, activation=1, outputs=2,
              formula=lambda x, g, b, s, bias: (groups(x + s[:, None, None] + bias, g, b), x + s[:, None, None] + bias))


def fill(cases):
    import contrib_integer_cases
    import contrib_movement_cases

    for family in (activations, normalizations, embeddings, attention, quantized_attention, multi_head, group_query,
                   rotary, products, convolutions):
        family(cases)
    contrib_movement_cases.fill(cases)
    contrib_integer_cases.fill(cases)
