# ===- contrib_integer_cases.py - Forms with integers -*- Python -*-======== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""More of contrib_cases.py: quantized operators, weights of few bits, mixtures of experts."""

import numpy as np

F16, F32 = np.float16, np.float32
HALF = {"rtol": 4e-3, "atol": 4e-3}
EXACT = {"rtol": 0, "atol": 0}
STEP = {"rtol": 0, "atol": 1}
# ONNX Runtime also quantizes what it multiplies with such weights, to 8 bits for each row or block.
EIGHT_BITS = {"rtol": 3e-2, "atol": 3e-2}


def quantize(x, scale, dtype):
    return np.clip(np.rint(x / scale), np.iinfo(dtype).min, np.iinfo(dtype).max).astype(dtype)


plain_binary = {
    "QLinearAdd": lambda a, s, _, b, t, __, u: quantize(a.astype(F32) * s + b.astype(F32) * t, u, a.dtype),
    "QLinearMul": lambda a, s, _, b, t, __, u: quantize(a.astype(F32) * s * (b.astype(F32) * t), u, a.dtype),
}


def quantized(cases):
    s, t, u = F32(0.03), F32(0.05), F32(0.07)
    for make, zero in ((cases.bytes, np.uint8), (cases.signed, np.int8)):
        a, b, image = make(2, 3, 4), make(3, 1), make(1, 4, 6, 5)
        for op in ("QLinearAdd", "QLinearMul"):
            cases.add(op, a, s, zero(5), b, t, zero(9), u, zero(3), close=STEP)
            # ONNX Runtime does not infer types without zero points.
            cases.add(op, a, s, None, make(2, 3, 4), t, None, u, close=STEP, formula=plain_binary[op])
        cases.add("QLinearSigmoid", a, s, zero(5), F32(1 / 256), zero(0), close=STEP)
        cases.add("QLinearLeakyRelu", a, s, zero(5), t, zero(9), alpha=0.2, close=STEP)
        form = {"kernel_shape": [3, 2], "strides": [2, 1], "pads": [1, 0, 1, 1], "close": STEP}
        for inclusive in (0, 1):
            cases.add("QLinearAveragePool", image, s, zero(5), t, zero(9), count_include_pad=inclusive, **form)
        last = image.transpose(0, 2, 3, 1).copy()
        cases.add("QLinearAveragePool", last, s, zero(5), t, zero(9), channels_last=1, **form)
        cases.add("QLinearGlobalAveragePool", image, s, zero(5), t, zero(9), close=STEP)
        cases.add("QLinearGlobalAveragePool", last, s, zero(5), t, zero(9), channels_last=1, close=STEP)
        for opset, axis in ((13, -1), (13, 1), (12, 1), (12, 2)):
            cases.add("QLinearSoftmax", a, s, zero(5), F32(1 / 256), zero(0), opset=opset, axis=axis, close=STEP)
        cases.add("QLinearConcat", u, zero(3), a, s, zero(5), make(2, 1, 4), t, zero(9), axis=1, close=STEP)
        choice = cases.whole(0, 2, 2, 3, 4, dtype=bool)
        cases.add("QLinearWhere", choice, a, s, zero(5), b, t, zero(9), u, zero(3), close=STEP)
        cases.add("QLinearReduceMean", a, s, zero(5), t, zero(9), axes=[1], keepdims=0, close=STEP, formula=lambda x, s, z, t, y: (
            np.clip(np.rint((x.astype(F32) - z).mean(1) * s / t) + y, np.iinfo(x.dtype).min, np.iinfo(x.dtype).max).astype(x.dtype)))
        w, bias = make(3, 4, 3, 3), cases.whole(-500, 500, 3, dtype=np.int32)
        tail = (zero(1), F32(1.5), zero(9), bias)
        cases.add("QLinearConv", last, s, zero(5), w, F32(0.02), *tail, channels_last=1, pads=[1, 1, 1, 1], close=STEP)
        cases.add("QLinearConv", image, s, zero(5), w, F32(0.02), *tail, strides=[2, 2], close=STEP)
    x = cases.reals(3, 4)
    for zero in (np.uint8, np.int8, np.uint16, np.int16):
        cases.add("QuantizeLinear", x, F32(0.01), zero(3), close=EXACT)
        cases.add("DequantizeLinear", cases.whole(0, 127, 3, 4, dtype=zero), F32(0.1), zero(3))
    scales, zeros = cases.reals(4) ** 2 + F32(0.1), cases.bytes(4)
    cases.add("QuantizeLinear", x, scales, zeros, axis=1, close=EXACT)
    cases.add("DequantizeLinear", cases.bytes(3, 4), scales, zeros, axis=1)


def products(cases):
    scale, scales = F32(0.02), cases.reals(5) ** 2 + F32(0.01)
    for make in (cases.bytes, cases.signed):
        b, bias = make(8, 5), cases.reals(5)
        cases.add("DynamicQuantizeMatMul", cases.reals(2, 3, 8), b, scale, constants=(1,))
        cases.add("DynamicQuantizeMatMul", cases.reals(3, 8), b, scales, make(5), bias)
        cases.add("DynamicQuantizeMatMul", cases.reals(3, 8), b, scale, make(), free={0: {0: "n"}})
        for left in (cases.bytes, cases.signed):
            if left == cases.signed and make == cases.bytes:
                continue  # ONNX Runtime has no such kernel
            cases.add("MatMulIntegerToFloat", left(2, 3, 8), b, scale, F32(0.03))
            cases.add("MatMulIntegerToFloat", left(3, 8), b, scale, scales, left(), make(5), bias)
    for make, zero in ((cases.bytes, np.uint8), (cases.signed, np.int8)):
        a, b, c = make(3, 8), make(8, 5), cases.whole(-400, 400, 5, dtype=np.int32)
        quantized = (a, scale, zero(7), b, F32(0.03), zero(4))
        cases.add("QGemm", *quantized)
        cases.add("QGemm", *quantized, c, alpha=0.5)
        cases.add("QGemm", *quantized, c, F32(0.9), zero(3), close=STEP)
        cases.add("QGemm", make(8, 3), scale, zero(7), make(5, 8), F32(0.03), zero(4), c, F32(0.9), zero(3), transA=1,
                  transB=1, close=STEP)
        cases.add("QGemm", a, scale, zero(7), b, scales, make(5), c)
    wide = {"dtype": np.int16}
    cases.add("MatMulInteger16", cases.whole(-99, 99, 3, 4, **wide), cases.whole(-99, 99, 4, 5, **wide), close=EXACT)


def recurrences(cases):
    hidden, inputs = 6, 5
    for directions, make in ((1, cases.bytes), (2, cases.signed)):
        w, r = make(directions, inputs, 4 * hidden), make(directions, hidden, 4 * hidden)
        scale, zero = np.full(directions, 0.004, F32), np.full(directions, 128 if make == cases.bytes else 0, w.dtype)
        cases.add("DynamicQuantizeLSTM", cases.reals(4, 2, inputs), w, r, cases.reals(directions, 8 * hidden), None, None,
                  None, None, scale, zero, scale, zero, hidden_size=hidden, outputs=3, close=EIGHT_BITS,
                  constants=(1, 2, 8, 9, 10, 11), direction="forward" if directions == 1 else "bidirectional")


def pack(values, bits):
    """Numbers of some bits along the last axis as bytes, the first in the lowest bits."""
    count = 8 // bits
    values = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, -values.shape[-1] % count)])
    groups = values.reshape(*values.shape[:-1], -1, count)
    return np.bitwise_or.reduce(groups << (bits * np.arange(count, dtype=np.uint8)), axis=-1).astype(np.uint8)


def grouped(a, b, scales, zeros, groups):
    """a (scale (b - zero))' of 4 bits, whose columns have the scale and zero point of their group."""
    nibbles = lambda x: np.stack([x & 15, x >> 4], -1).reshape(len(x), -1).astype(F32)  # noqa: E731
    return a @ ((nibbles(b) - nibbles(zeros)[:, groups]) * scales[:, groups]).T


def few_bits(cases):
    n, k, block = 4, 48, 16
    for bits in (2, 4, 8):
        # ONNX Runtime's own weights of 2 and 8 bits are multiplied with numbers of 8 bits.
        close = {} if bits == 4 else {"close": {"rtol": 1e-2, "atol": 1e-2}}
        form = {"N": n, "K": k, "bits": bits, "block_size": block, "accuracy_level": 1, **close}
        b, scales = cases.bytes(n, k // block, block * bits // 8), cases.reals(n, k // block, scale=0.1 / 2**bits)
        zeros = cases.bytes(n, -(-(k // block) * bits // 8))
        a = cases.reals(2, 3, k)
        cases.add("MatMulNBits", a, b, scales, constants=(1, 2), **form)
        cases.add("MatMulNBits", a, b, scales.ravel(), zeros.ravel(), constants=(1, 2, 3), free={0: {0: "n"}}, **form)
        groups = cases.random.permutation(np.arange(k) // block).astype(np.int32)
        if bits == 4:
            cases.add("MatMulNBits", a, b, scales, constants=(1, 2), weight_prepacked=0, **form)
            # ONNX Runtime leaves the zero points out where there is a g_idx; the description does not.
            cases.add("MatMulNBits", a, b, scales, zeros, groups, constants=(1, 2, 3, 4), formula=grouped, **form)
            cases.add("MatMulNBits", a, b, scales, None, groups, cases.reals(n), constants=(1, 2, 4, 5), **form)
    for kind in (0, 1):
        cases.add("MatMulBnb4", cases.reals(3, 32), cases.bytes(4 * 32 // 2), np.abs(cases.reals(4 * 32 // 16)), K=32,
                  N=4, block_size=16, quant_type=kind, constants=(1, 2))
    places = np.int64([[0, 5], [2, -1]])
    for bits in (2, 4):
        data, scales = cases.bytes(6, 16), cases.reals(6, 128 // bits // 16)
        zeros = pack(cases.whole(0, 1 << bits, *scales.shape, dtype=np.uint8), bits)
        form = {"bits": bits, "block_size": 16, "gather_axis": 0, "quantize_axis": 1}
        cases.add("GatherBlockQuantized", data, places, scales, **form)
        cases.add("GatherBlockQuantized", data, places, scales, zeros, **form)
        cases.add("GatherBlockQuantized", data, places, scales.astype(F16), zeros, close=HALF, **form)


def route(x, router, k, normalizes):
    chances = np.exp(router - router.max(-1, keepdims=True))
    chances /= chances.sum(-1, keepdims=True)
    best = np.argsort(-chances, -1, kind="stable")[:, :k]
    values = np.take_along_axis(chances, best, -1)
    return best, values / values.sum(-1, keepdims=True) if normalizes else values


def gated_mixture(x, router, w1, _, w2, __, w3):
    """silu (fc1 x) * (fc3 x) through fc2, as the operator's description has it for three layers."""
    result = np.zeros_like(x)
    for token, (best, values) in enumerate(zip(*route(x, router, 2, False))):
        for expert, value in zip(best, values):
            h = w1[expert] @ x[token]
            result[token] += value * (w2[expert] @ (h / (1 + np.exp(-h)) * (w3[expert] @ x[token])))
    return result


def relu_mixture(x, router, w1, _, w2):
    result = np.zeros_like(x)
    for token, (best, values) in enumerate(zip(*route(x, router, 2, False))):
        for expert, value in zip(best, values):
            result[token] += value * (w2[expert] @ np.maximum(w1[expert] @ x[token], 0))
    return result


def experts(cases):
    tokens, hidden, inner, count = 5, 8, 16, 4
    x, router = cases.reals(tokens, hidden), cases.reals(tokens, count)
    for activation in ("relu", "gelu", "silu", "identity", "swiglu"):
        rows = inner * (2 if activation == "swiglu" else 1)
        weights = [cases.reals(count, rows, hidden, scale=0.4), cases.reals(count, rows),
                   cases.reals(count, hidden, inner, scale=0.4), cases.reals(count, hidden)]
        form = {"activation_type": activation, "k": 2}
        if activation == "swiglu":
            form |= {"swiglu_fusion": 1, "activation_alpha": 1.5, "activation_beta": 1.0}
            cases.add("MoE", x, router, *weights, swiglu_limit=0.7, **form)
        cases.add("MoE", x, router, *weights, normalize_routing_weights=1, **form)
        cases.add("MoE", x, router, weights[0], None, weights[2], free={0: {0: "n"}, 1: {0: "n"}}, **form)
    w1, w2, w3 = cases.reals(count, inner, hidden), cases.reals(count, hidden, inner), cases.reals(count, inner, hidden)
    cases.add("MoE", x[None], router, w1, None, w2, k=1)
    # ONNX Runtime's kernel for f16 gives zeros.
    cases.add("MoE", *(value.astype(F16) for value in (x, router, w1)), None, w2.astype(F16), k=2, close=HALF,
              formula=lambda *inputs: relu_mixture(*(x if x is None else x.astype(F32) for x in inputs)).astype(F16))
    cases.add("MoE", x, np.zeros((tokens, count), F32), w1, None, w2, k=2)  # equal chances
    cases.add("MoE", x, router, w1, None, w2, None, w3, k=2, activation_type="silu", formula=gated_mixture)
    quantized_experts(cases)


def quantized_experts(cases):
    tokens, hidden, inner, count = 5, 32, 32, 4
    x, router = cases.reals(tokens, hidden), cases.reals(tokens, count)
    for bits in (2, 4, 8):
        for block in (0, 16):
            blocks = hidden // block if block else 1
            scales = [np.abs(cases.reals(count, rows, blocks, scale=0.1 / 2**bits)) for rows in (inner, hidden)]
            zeros = [cases.whole(0, 1 << bits, count, rows, blocks, dtype=np.uint8) for rows in (inner, hidden)]
            if not block:
                scales, zeros = [s[..., 0] for s in scales], [z[..., 0] for z in zeros]
            weights = [pack(cases.whole(0, 1 << bits, count, rows, hidden, dtype=np.uint8), bits) for rows in (inner, hidden)]
            inputs = [x, router, weights[0], scales[0], cases.reals(count, inner), weights[1], scales[1], cases.reals(count, hidden)]
            form = {"k": 2, "activation_type": "silu", "expert_weight_bits": bits, "constants": (2, 3, 5, 6, 11, 12)}
            form |= {"block_size": block} if block else {}
            # With blocks of 8 bits, ONNX Runtime quantizes the activations to 8 bits too.
            form |= {"close": {"rtol": 2e-2, "atol": 2e-2}} if bits == 8 and block else {}
            cases.add("QMoE", *inputs, **form)
            cases.add("QMoE", *inputs, None, None, None, *(pack(z, bits) for z in zeros), **form)
    cases.add("QMoE", *inputs, *[None] * 6, np.abs(cases.reals(tokens, count)), **form)
    cases.add("QMoE", *inputs, *[None] * 6, np.abs(cases.reals(tokens, count)), normalize_routing_weights=1, **form)


def fill(cases):
    for family in (quantized, products, recurrences, few_bits, experts):
        family(cases)
