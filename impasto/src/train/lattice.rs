//! Kernels that do not show the grid of an enlargement.

use impasto_net::network::{Network, Op};

/// Names of the weights of the 3 × 3 convolutions that read an enlarged map.
pub(super) fn behind_enlargements(network: &Network) -> Vec<String> {
    let reads_enlarged = |input: &usize| network.layers[*input].op == Op::Upsample;
    let layers = network.layers.iter().filter(|layer| {
        matches!(layer.op, Op::Convolution(conv) if conv.kernel == 3)
            && layer.inputs.iter().any(reads_enlarged)
    });
    layers.map(|layer| format!("{}.weight", layer.parameters)).collect()
}

/// Takes from a 3 × 3 kernel the part along (1, −1, 1) on either axis. Behind an enlargement by repetition every value comes
/// twice: of a ramp with the step d, a kernel (k0, k1, k2) makes values that are (k0 + k2) d apart within a pair and k1 d
/// between pairs. Where these are equal, ramps stay ramps; where not, every slope shows the grid of pairs.
pub(super) fn keep_ramps(kernel: &mut [f32; 9]) {
    for (start, stride) in [(0, 1), (3, 1), (6, 1), (0, 3), (1, 3), (2, 3)] {
        let [a, b, c] = [start, start + stride, start + 2 * stride];
        let part = (kernel[a] - kernel[b] + kernel[c]) / 3.0;
        kernel[a] -= part;
        kernel[b] += part;
        kernel[c] -= part;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_stays_a_ramp() {
        let mut kernel = [0.3, -0.7, 0.2, 0.9, 0.4, -0.1, -0.5, 0.8, 0.6];
        keep_ramps(&mut kernel);
        // Both axes hold after one pass over each.
        let again = kernel;
        keep_ramps(&mut kernel);
        assert!(kernel.iter().zip(again).all(|(a, b)| (a - b).abs() < 1e-6));
        let ramp = |x: usize, y: usize| (x / 2) as f32 + 3.0 * (y / 2) as f32;
        let at = |x: usize, y: usize| -> f32 { (0..9).map(|k| kernel[k] * ramp(x + k % 3, y + k / 3)).sum() };
        let steps: Vec<f32> = (0..6).map(|x| at(x + 1, 4) - at(x, 4)).collect();
        assert!(steps.iter().all(|step| (step - steps[0]).abs() < 1e-5), "{steps:?}");
        let steps: Vec<f32> = (0..6).map(|y| at(4, y + 1) - at(4, y)).collect();
        assert!(steps.iter().all(|step| (step - steps[0]).abs() < 1e-5), "{steps:?}");
    }
}
