#!/usr/bin/env python3
"""Makes the weights files beside it and expected.json, which says what they hold. Needs torch and safetensors.

    python make.py
"""

import collections
import json
import os
import pathlib

import torch
from safetensors.torch import save_file

here = pathlib.Path(__file__).parent
generator = torch.Generator().manual_seed(1)


def random(*shape, dtype=torch.float32):
    return torch.randn(*shape, generator=generator).to(dtype)


class Command:
    """What a hostile file would hold: unpickling it runs a command."""

    def __reduce__(self):
        return os.system, ("touch executed-by-unpickling",)


base = random(4, 6)
tensors = collections.OrderedDict(
    {
        "features.0.weight": random(2, 3, 3, 3),
        "features.0.bias": random(2),
        "channels_last": random(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
        "transposed": base.t(),
        "slice": base[1:3, ::2],
        "whole": base,
        "half": random(5, dtype=torch.float16),
        "brain": random(5, dtype=torch.bfloat16),
        "double": random(2, 2, dtype=torch.float64),
        "count": torch.tensor(42),
        "flags": torch.tensor([True, False]),
        "empty": torch.zeros(0, 3),
    }
)

torch.save(tensors, here / "tiny.pth")
torch.save(tensors, here / "legacy.pth", _use_new_zipfile_serialization=False)
torch.save(tensors, here / "protocol4.pth", pickle_protocol=4)
module = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3), torch.nn.BatchNorm2d(2))
with torch.no_grad():
    module[0].weight.copy_(tensors["features.0.weight"])
    module[0].bias.copy_(tensors["features.0.bias"])
torch.save({"epoch": 3, "rate": 0.1, "state_dict": module.state_dict()}, here / "checkpoint.pth")
torch.save(dict(module.named_parameters()), here / "parameters.pth")
torch.save({**tensors, "evil": Command()}, here / "hostile.pth")
torch.save({**tensors, "evil": Command()}, here / "hostile-legacy.pth", _use_new_zipfile_serialization=False)
torch.save({"fine": torch.ones(2), "bad": torch.tensor([1.0, float("nan")])}, here / "nan.pth")
torch.save({"wide": torch.ones(1).expand(1000, 1000)}, here / "expanded.pth")
torch.save([1, 2, 3], here / "list.pth")

table = random(200)
indices = torch.randint(0, 200, (3, 2, 3, 3), generator=generator, dtype=torch.uint8)
separate = {name: tensor.contiguous().clone() for name, tensor in tensors.items()}
save_file(
    {**separate, "coded.weight.indices": indices, "coded.weight.table": table},
    here / "tiny.safetensors",
    metadata={"source": "make.py"},
)

expected = {
    name: {"shape": list(tensor.shape), "data": tensor.to(torch.float32).flatten().tolist()}
    for name, tensor in {**tensors, "coded.weight": table[indices.long()]}.items()
}
(here / "expected.json").write_text(json.dumps(expected, indent=1).replace("\n   ", " ") + "\n")
