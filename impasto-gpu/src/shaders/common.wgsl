// What every kernel sees. Maps, cotangents and temporary values lie in one buffer at offsets that the plan decided; maps
// have their channels innermost.
@group(0) @binding(0) var<storage, read_write> arena: array<f32>;
// Masks of ReLUs (a bit a value) and places of maxima (a byte a value), linear like the maps they are of.
@group(0) @binding(2) var<storage, read_write> notes: array<u32>;
@group(0) @binding(3) var<uniform> p: Params;
// What changes from pass to pass: the ReLU rule.
@group(0) @binding(4) var<uniform> way: vec4<u32>;

// An offset that says: nothing there.
const NONE: u32 = 0xffffffffu;

// How values are stored: see `store`.
struct Finish {
    // First value; distance between positions; channels of the result itself.
    at: u32,
    stride: u32,
    channels: u32,
    flags: u32,
    // A map of the result's size that is added.
    residual: u32,
    // First word of the mask that a ReLU rule reads.
    mask: u32,
    ceiling: f32,
    unused: u32,
}

const RESIDUAL: u32 = 1u;
const RELU: u32 = 2u;
const ACCUMULATE: u32 = 4u;
const RULE: u32 = 8u;

const GRADIENT: u32 = 0u;
const GUIDED: u32 = 1u;
const DECONV: u32 = 2u;

// The last step of every layer: sum with a residual and ReLU on the way there, accumulation and the ReLU's rule on the way
// back.
fn store(position: u32, channel: u32, computed: f32) {
    let f = p.finish;
    let at = f.at + position * f.stride + channel;
    let value = position * f.channels + channel;
    var v = computed;
    if (f.flags & RESIDUAL) != 0u {
        v += arena[f.residual + value];
    }
    if (f.flags & RELU) != 0u {
        v = min(max(v, 0.0), f.ceiling);
    }
    if (f.flags & ACCUMULATE) != 0u {
        v += arena[at];
    }
    if (f.flags & RULE) != 0u {
        if way.x != DECONV && ((notes[f.mask + value / 32u] >> (value % 32u)) & 1u) == 0u {
            v = 0.0;
        }
        if way.x != GRADIENT {
            v = max(v, 0.0);
        }
    }
    arena[at] = v;
}
