//! A picture as the amplitudes of its spatial frequencies in decorrelated colours.
//!
//! Steps of one size in this space change coarse structure as easily as fine structure, and brightness and colour as
//! natural pictures vary them; among pixels fine noise wins (Olah, Mordvintsev & Schubert, "Feature Visualization", 2017).

use super::product::{Matrix, product};
use std::f64::consts::{SQRT_2, TAU};

/// Brightness, blue-yellow and green-magenta as red, green and blue: the square root of ImageNet's colour covariance, as
/// in the code of Olah et al.; rows are red, green, blue.
const COLOURS: [[f32; 3]; 3] = [[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]];

/// Length of the longest column of [`COLOURS`], which is divided by it.
const LONGEST: f32 = 0.461_952;

/// Contrast of the spectrum's pictures before the sigmoid, as in the code of Olah et al.
const CONTRAST: f64 = 0.25;

/// Pictures of one size as spectra: 3 planes (decorrelated colours) of height × width amplitudes each.
///
/// The basis is the real Fourier basis, orthonormal along rows and columns. Amplitude (i, j) counts by
/// frequency^-power, frequency in cycles a pixel, the lowest being one cycle a long side.
pub struct Fourier {
    height: usize,
    width: usize,
    /// Position by frequency, along columns; and its transpose.
    vertical: [Matrix; 2],
    /// Frequency by position, along rows; and its transpose.
    horizontal: [Matrix; 2],
    /// Weight of every amplitude.
    weights: Vec<f32>,
    /// Frequency of every amplitude in cycles a pixel.
    frequencies: Vec<f32>,
    /// What the sigmoid makes the mean colour of.
    neutral: [f32; 3],
    /// Values of the last picture rendered, needed on the way back.
    rgb: Vec<f32>,
}

impl Fourier {
    /// Spectra of pictures of `height` × `width` whose amplitudes count by frequency^-`power`; zero is a picture of the
    /// colour `mean`, each value between 0 and 1.
    pub fn new(height: usize, width: usize, power: f64, mean: [f32; 3]) -> Fourier {
        let (rows, columns) = (basis(height), basis(width));
        let lowest = 1.0 / height.max(width) as f64;
        let frequencies: Vec<f64> = (0..height * width)
            .map(|i| f64::hypot(frequency(i / width, height), frequency(i % width, width)))
            .collect();
        // At power 1 these are the weights of Olah et al.; other powers keep the coarsest structure's share.
        let weight = |f: &f64| (CONTRAST * SQRT_2 / lowest * (lowest / f.max(lowest)).powf(power)) as f32;
        Fourier {
            height,
            width,
            vertical: [rows.transposed(), rows],
            horizontal: [columns.clone(), columns.transposed()],
            weights: frequencies.iter().map(weight).collect(),
            frequencies: frequencies.iter().map(|&f| f as f32).collect(),
            neutral: mean.map(|m| (m / (1.0 - m)).ln()),
            rgb: Vec::new(),
        }
    }

    /// Number of amplitudes.
    pub fn len(&self) -> usize {
        3 * self.height * self.width
    }

    /// The picture of a spectrum: interleaved RGB in (0, 1).
    pub fn render(&mut self, spectrum: &[f32]) -> &[f32] {
        let planes = self.planes(spectrum);
        let pixels = self.height * self.width;
        self.rgb = (0..3 * pixels)
            .map(|i| {
                let (pixel, colour) = (i / 3, COLOURS[i % 3]);
                let value: f32 = (0..3).map(|k| colour[k] / LONGEST * planes[k * pixels + pixel]).sum();
                1.0 / (1.0 + (-value - self.neutral[i % 3]).exp())
            })
            .collect();
        &self.rgb
    }

    /// From d value / d RGB at the picture last rendered to d value / d amplitude.
    pub fn back(&self, gradient: &[f32]) -> Vec<f32> {
        let pixels = self.height * self.width;
        let mut planes = vec![0.0; 3 * pixels];
        for (i, (g, v)) in gradient.iter().zip(&self.rgb).enumerate() {
            let slope = g * v * (1.0 - v);
            for k in 0..3 {
                planes[k * pixels + i / 3] += COLOURS[i % 3][k] / LONGEST * slope;
            }
        }
        self.planes_back(&planes)
    }

    /// Blurs the picture before the sigmoid with a Gaussian of deviation `sigma` pixels.
    pub fn blur(&self, spectrum: &mut [f32], sigma: f32) {
        for plane in spectrum.chunks_exact_mut(self.frequencies.len()) {
            for (amplitude, f) in plane.iter_mut().zip(&self.frequencies) {
                *amplitude *= (-0.5 * (std::f32::consts::TAU * f * sigma).powi(2)).exp();
            }
        }
    }

    /// From weighted amplitudes to planes of positions.
    fn planes(&self, spectrum: &[f32]) -> Vec<f32> {
        let mut planes = Vec::with_capacity(self.len());
        for plane in spectrum.chunks_exact(self.weights.len()) {
            let weighted: Vec<f32> = plane.iter().zip(&self.weights).map(|(a, w)| a * w).collect();
            let rows = product(&self.vertical[0], &Matrix::new(self.height, self.width, weighted));
            planes.extend(product(&rows, &self.horizontal[0]).values);
        }
        planes
    }

    /// The adjoint of [`Fourier::planes`].
    fn planes_back(&self, planes: &[f32]) -> Vec<f32> {
        let mut spectrum = Vec::with_capacity(self.len());
        for plane in planes.chunks_exact(self.weights.len()) {
            let plane = Matrix::new(self.height, self.width, plane.to_vec());
            let columns = product(&self.vertical[1], &plane);
            let amplitudes = product(&columns, &self.horizontal[1]).values;
            spectrum.extend(amplitudes.iter().zip(&self.weights).map(|(a, w)| a * w));
        }
        spectrum
    }
}

/// Frequency of element `i` of the basis of `n` positions, in cycles a position: 0, then a cosine and a sine each.
fn frequency(i: usize, n: usize) -> f64 {
    i.div_ceil(2) as f64 / n as f64
}

/// The real Fourier basis of `n` positions: frequency by position, orthonormal.
fn basis(n: usize) -> Matrix {
    let value = |i: usize, x: usize| {
        // Whole turns taken off in whole numbers, so that large arguments lose nothing.
        let angle = TAU * ((i.div_ceil(2) * x) % n) as f64 / n as f64;
        let (wave, alone) =
            (if i % 2 == 1 { angle.cos() } else { angle.sin() }, i == 0 || 2 * i.div_ceil(2) == n);
        match (i, alone) {
            (0, _) => (1.0 / n as f64).sqrt(),
            (_, true) => wave / (n as f64).sqrt(),
            (_, false) => wave * (2.0 / n as f64).sqrt(),
        }
    };
    Matrix::new(n, n, (0..n * n).map(|at| value(at / n, at % n) as f32).collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dot, noise};
    use super::*;

    #[test]
    fn basis_is_orthonormal() {
        for n in [1, 2, 7, 8] {
            let basis = basis(n);
            let square = product(&basis, &basis.transposed());
            for (i, value) in square.values.iter().enumerate() {
                let wanted = if i / n == i % n { 1.0 } else { 0.0 };
                assert!((value - wanted).abs() < 1e-6, "{n}: {i}: {value}");
            }
        }
    }

    #[test]
    fn planes_back_is_the_adjoint() {
        let fourier = Fourier::new(9, 14, 1.0, [0.5, 0.4, 0.3]);
        let (x, y) = (noise(fourier.len(), 1), noise(fourier.len(), 2));
        let (there, back) = (dot(&fourier.planes(&x), &y), dot(&x, &fourier.planes_back(&y)));
        assert!((there - back).abs() < 1e-4 * there.abs().max(1.0), "{there} {back}");
    }

    #[test]
    fn derivative_is_that_of_differences() {
        let mut fourier = Fourier::new(6, 5, 1.0, [0.5, 0.4, 0.3]);
        let (mut x, y) = (noise(fourier.len(), 3), noise(fourier.len(), 4));
        fourier.render(&x);
        let gradient = fourier.back(&y);
        for i in [0, 7, 40, 89] {
            let (step, before) = (1e-2, x[i]);
            x[i] = before + step;
            let more = dot(fourier.render(&x), &y);
            x[i] = before - step;
            let less = dot(fourier.render(&x), &y);
            x[i] = before;
            let difference = (more - less) / (2.0 * f64::from(step));
            assert!((difference - f64::from(gradient[i])).abs() < 1e-2, "{i}: {difference} {}", gradient[i]);
        }
    }

    #[test]
    fn blur_spares_the_mean() {
        let fourier = Fourier::new(8, 8, 1.0, [0.5, 0.4, 0.3]);
        let mut spectrum = vec![1.0; fourier.len()];
        fourier.blur(&mut spectrum, 1.0);
        assert_eq!(spectrum[0], 1.0);
        assert!(spectrum[63] < 0.01);
    }
}
