# ===- train.py - Trains the digits classifier of the demo -*- Python -*-=============== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Trains a small CNN on the digits that ship with scikit-learn, in plain numpy.

    python3 -m venv /tmp/digits && /tmp/digits/bin/pip install -r requirements.txt
    /tmp/digits/bin/python train.py

Writes beside itself, in under a minute:

    digits.onnx          image[batch, 1, 8, 8] in 0..1 -> probabilities[batch, 10]
    test.npz             the test split: images uint8[n, 8, 8] in 0..16, labels uint8[n]
    pictures/<i>-<label>.png  six of its images, enlarged 8 times for people

The network: Conv 3x3 to 16 channels, Relu, Conv 3x3 to 32, Relu, MaxPool 2x2,
Gemm to 64, Relu, Gemm to 10, Softmax.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 0
CHANNELS = (1, 16, 32)
HIDDEN = 64
LEVELS = 16  # the images' pixels are 0..16
ZOOM = 8
Parameters = dict[str, np.ndarray]


def initial(rng: np.random.Generator) -> Parameters:
    """He-initialised weights, zero biases."""
    shapes = {
        "conv1": (CHANNELS[1], CHANNELS[0], 3, 3),
        "conv2": (CHANNELS[2], CHANNELS[1], 3, 3),
        "dense1": (CHANNELS[2] * 16, HIDDEN),
        "dense2": (HIDDEN, 10),
    }
    parameters = {}
    for name, shape in shapes.items():
        fan_in = int(np.prod(shape[1:])) if len(shape) == 4 else shape[0]
        parameters[name + ".weight"] = rng.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)
        parameters[name + ".bias"] = np.zeros(shape[0] if len(shape) == 4 else shape[1], np.float32)
    return parameters


def patches(x: np.ndarray) -> np.ndarray:
    """[n, c, h, w] -> [n, h, w, c, 3, 3]: the 3x3 surroundings of each pixel, zeros outside."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (2, 3)).transpose(0, 2, 3, 1, 4, 5)


def convolve(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.tensordot(patches(x), weight, ((3, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def step(p: Parameters, x: np.ndarray, labels: np.ndarray) -> tuple[Parameters, np.ndarray]:
    """The gradients of the mean cross entropy, and the probabilities."""
    n = len(x)
    a1 = relu(convolve(x, p["conv1.weight"]) + p["conv1.bias"][:, None, None])
    a2 = relu(convolve(a1, p["conv2.weight"]) + p["conv2.bias"][:, None, None])
    windows = a2.reshape(n, CHANNELS[2], 4, 2, 4, 2)
    pooled = windows.max((3, 5))
    flat = pooled.reshape(n, -1)
    a3 = relu(flat @ p["dense1.weight"] + p["dense1.bias"])
    logits = a3 @ p["dense2.weight"] + p["dense2.bias"]
    e = np.exp(logits - logits.max(1, keepdims=True))
    probabilities = e / e.sum(1, keepdims=True)

    g = probabilities.copy()
    g[np.arange(n), labels] -= 1
    g /= n
    grads = {"dense2.weight": a3.T @ g, "dense2.bias": g.sum(0)}
    g = (g @ p["dense2.weight"].T) * (a3 > 0)
    grads |= {"dense1.weight": flat.T @ g, "dense1.bias": g.sum(0)}
    g = (g @ p["dense1.weight"].T).reshape(pooled.shape)
    hit = windows == pooled[:, :, :, None, :, None]
    g = (hit * g[:, :, :, None, :, None]).reshape(a2.shape) * (a2 > 0)
    grads |= {"conv2.weight": np.tensordot(g, patches(a1), ((0, 2, 3), (0, 1, 2))), "conv2.bias": g.sum((0, 2, 3))}
    # The gradient of a convolution's input is a convolution with the mirrored, transposed filter.
    mirrored = p["conv2.weight"].transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
    g = convolve(g, mirrored) * (a1 > 0)
    grads |= {"conv1.weight": np.tensordot(g, patches(x), ((0, 2, 3), (0, 1, 2))), "conv1.bias": g.sum((0, 2, 3))}
    return grads, probabilities


def shifted(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each image moved by up to one pixel, so that the network learns more than positions."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    moved = np.empty_like(x)
    for i, (dy, dx) in enumerate(rng.integers(0, 3, (len(x), 2))):
        moved[i] = padded[i, :, dy : dy + 8, dx : dx + 8]
    return moved


def train(x: np.ndarray, labels: np.ndarray, epochs: int, rng: np.random.Generator) -> Parameters:
    """Adam with a rate that falls linearly to zero, batches of 64."""
    p = initial(rng)
    first = {k: np.zeros_like(v) for k, v in p.items()}
    second = {k: np.zeros_like(v) for k, v in p.items()}
    batches = len(x) // 64
    for t in range(epochs * batches):
        if t % batches == 0:
            order = rng.permutation(len(x))
        pick = order[t % batches * 64 :][:64]
        grads, _ = step(p, shifted(x[pick], rng), labels[pick])
        rate = 2e-3 * (1 - t / (epochs * batches))
        for k, g in grads.items():
            first[k] = 0.9 * first[k] + 0.1 * g
            second[k] = 0.999 * second[k] + 0.001 * g * g
            unbiased = first[k] / (1 - 0.9 ** (t + 1)), second[k] / (1 - 0.999 ** (t + 1))
            p[k] = (p[k] - rate * unbiased[0] / (np.sqrt(unbiased[1]) + 1e-8)).astype(np.float32)
    return p


def to_onnx(p: Parameters) -> onnx.ModelProto:
    nodes = [
        helper.make_node("Conv", ["image", "conv1.weight", "conv1.bias"], ["c1"], "conv1", pads=[1] * 4),
        helper.make_node("Relu", ["c1"], ["r1"], "relu1"),
        helper.make_node("Conv", ["r1", "conv2.weight", "conv2.bias"], ["c2"], "conv2", pads=[1] * 4),
        helper.make_node("Relu", ["c2"], ["r2"], "relu2"),
        helper.make_node("MaxPool", ["r2"], ["pooled"], "pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pooled"], ["flat"], "flatten"),
        helper.make_node("Gemm", ["flat", "dense1.weight", "dense1.bias"], ["d1"], "dense1"),
        helper.make_node("Relu", ["d1"], ["r3"], "relu3"),
        helper.make_node("Gemm", ["r3", "dense2.weight", "dense2.bias"], ["logits"], "dense2"),
        helper.make_node("Softmax", ["logits"], ["probabilities"], "softmax", axis=1),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 8, 8])
    probabilities = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 10])
    weights = [numpy_helper.from_array(v, k) for k, v in p.items()]
    graph = helper.make_graph(nodes, "digits", [image], [probabilities], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], producer_name="fsc train.py")
    model.ir_version = 10
    onnx.checker.check_model(model, full_check=True)
    return model


def draw(folder: Path, images: np.ndarray, labels: np.ndarray) -> None:
    """One picture each of six different digits."""
    folder.mkdir(exist_ok=True)
    for digit in (0, 2, 3, 5, 7, 9):
        i = int(np.flatnonzero(labels == digit)[0])
        pixels = (images[i].astype(np.uint16) * 255 // LEVELS).astype(np.uint8)
        Image.fromarray(pixels.repeat(ZOOM, 0).repeat(ZOOM, 1)).save(folder / f"{i}-{digit}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=60)
    args = parser.parse_args()
    here = Path(__file__).resolve().parent

    digits = load_digits()
    images, labels = digits.images.astype(np.uint8), digits.target.astype(np.uint8)
    train_x, test_x, train_y, test_y = train_test_split(
        images, labels, test_size=450, random_state=SEED, stratify=labels
    )
    scaled = train_x[:, None].astype(np.float32) / LEVELS
    parameters = train(scaled, train_y, args.epochs, np.random.default_rng(SEED))

    _, probabilities = step(parameters, test_x[:, None].astype(np.float32) / LEVELS, test_y)
    right = (probabilities.argmax(1) == test_y).sum()
    (here / "digits.onnx").write_bytes(to_onnx(parameters).SerializeToString(deterministic=True))
    np.savez_compressed(here / "test.npz", images=test_x, labels=test_y)
    draw(here / "pictures", test_x, test_y)
    print(f"accuracy on the test split: {right} of {len(test_y)}, {right / len(test_y):.2%}")


if __name__ == "__main__":
    main()
