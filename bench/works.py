"""What can be timed: a network, its weights, its input's convention, and what of it is compared."""

from dataclasses import dataclass
from typing import Callable

import networks
import numpy as np


@dataclass
class Work:
    """`taps` are the maps compared; `gradient` tells that the way back to the picture is wanted too."""

    title: str
    network: networks.Network
    arrays: Callable
    taps: list
    sizes: list
    gradient: bool = False
    # The picture in the convention of Caffe: BGR, 0–255, less the mean. Otherwise RGB in [0, 1].
    caffe: bool = True
    # Weights that the engine does not have built in.
    own_weights: bool = False

    def input(self, rgb):
        """The network's input, [1, channels, side, side]."""
        pixels = rgb[:, :, ::-1] * 255 - networks.MEAN if self.caffe else rgb
        return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])

    def gradient_rgb(self, gradient):
        """The derivative by `input` as one by the picture, [3, side, side]."""
        return gradient[::-1] * 255 if self.caffe else gradient

    def operations(self, arrays, side):
        """Of a pass. The way back does as many again as the way there; none for the weights."""
        return networks.operations(self.network, arrays, side) * (2 if self.gradient else 1)


# Side of the square matrices whose product shows what the machine can do.
PRODUCT_SIDE = 3072
PRODUCT_OPERATIONS = 2 * PRODUCT_SIDE**3

VGG19 = networks.vgg19()
WORKS = {
    "vgg-step": Work(
        "VGG-19 to relu5_1, forward and image gradient",
        VGG19, lambda: networks.shipped("vgg19"), networks.STYLE, [256, 512], gradient=True,
    ),
    "vgg-forward": Work(
        "VGG-19 to relu5_1, forward", VGG19, lambda: networks.shipped("vgg19"), networks.STYLE[4:], [256, 512]
    ),
    "generator": Work(
        "Johnson's generator, forward",
        networks.generator(), networks.random_generator, ["c2"], [512, 1024], caffe=False, own_weights=True,
    ),
    "squeezenet": Work(
        "SqueezeNet 1.1, forward", networks.squeezenet(), lambda: networks.shipped("squeezenet"), ["logits"], [227]
    ),
}
