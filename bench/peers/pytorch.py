"""The networks in PyTorch, in one of its memory layouts; and its matrix product."""

import torch
from torch.nn import functional
from works import PRODUCT_SIDE

LAYOUTS = {"default": torch.contiguous_format, "channels-last": torch.channels_last}


class Torch:
    """A work in PyTorch."""

    def __init__(self, work, arrays, rgb, threads, layout):
        torch.set_num_threads(threads)
        layout = LAYOUTS[layout]
        placed = lambda array: array.contiguous(memory_format=layout) if array.ndim == 4 else array
        self.work = work
        self.input = placed(torch.from_numpy(work.input(rgb)))
        self.parameters = {name: placed(torch.from_numpy(array)) for name, array in arrays.items()}

    def maps(self, x):
        """The maps compared."""
        maps = {"picture": x}
        readers = {name: layer.name for layer in self.work.network.layers for name in layer.inputs}
        for layer in self.work.network.layers:
            maps[layer.name] = self.layer(layer, *[maps[name] for name in layer.inputs])
            # A map is let go after its last reader, as in any program written by hand.
            for name in set(layer.inputs):
                if readers[name] == layer.name and name not in self.work.taps:
                    del maps[name]
        return {name: maps[name] for name in self.work.taps}

    def layer(self, layer, x, *others):
        parameter = lambda kind: self.parameters[f"{layer.parameters}.{kind}"]
        match layer.op:
            case "conv":
                before, after = layer.pads
                padding = before
                if layer.reflect or before != after:
                    mode = "reflect" if layer.reflect else "constant"
                    x, padding = functional.pad(x, [before, after, before, after], mode=mode), 0
                return functional.conv2d(x, parameter("weight"), parameter("bias"), layer.stride, padding)
            case "relu":
                return torch.relu(x)
            case "pool":
                return functional.max_pool2d(x, layer.kernel, layer.stride)
            case "concat":
                return torch.cat([x, *others], dim=1)
            case "mean":
                return x.mean(dim=(2, 3), keepdim=True)
            case "norm":
                return functional.instance_norm(x, weight=parameter("weight"), bias=parameter("bias"), eps=1e-5)
            case "add":
                return x + others[0]
            case "enlarge":
                return functional.interpolate(x, scale_factor=2, mode="nearest")

    def run(self):
        """One pass; returns what is compared."""
        if not self.work.gradient:
            with torch.inference_mode():
                return self.maps(self.input)
        x = self.input.detach().requires_grad_(True)
        maps = self.maps(x)
        (gradient,) = torch.autograd.grad(sum(map.sum() for map in maps.values()), x)
        return maps | {"gradient": gradient}

    def results(self):
        found = {name: array.detach()[0].numpy() for name, array in self.run().items()}
        if "gradient" in found:
            found["gradient"] = self.work.gradient_rgb(found["gradient"])
        return found


class Product:
    """The product of two square matrices."""

    def __init__(self, threads):
        torch.set_num_threads(threads)
        generator = torch.Generator().manual_seed(1)
        self.a, self.b = (torch.rand(PRODUCT_SIDE, PRODUCT_SIDE, generator=generator) for _ in range(2))
        self.c = torch.empty(PRODUCT_SIDE, PRODUCT_SIDE)

    def run(self):
        torch.mm(self.a, self.b, out=self.c)

    def results(self):
        return {}
