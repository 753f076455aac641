//! One style out of many.

use super::{Generator, is_by_style};
use crate::{
    Model, NetError,
    weights::{Array, Weights},
};
use std::{collections::BTreeMap, sync::Arc};

impl Generator {
    /// The model that paints with `Σ blend[i] · (parameters of style i)`, where a style has its own: those of norms at
    /// least. Weights that sum to 1 give a style among those given; others are allowed.
    ///
    /// # Errors
    /// Those of [`Model::new`].
    ///
    /// # Panics
    /// If there are not as many weights as [`Generator::styles`].
    pub fn model(&self, blend: &[f32]) -> Result<Arc<Model>, NetError> {
        assert_eq!(blend.len(), self.styles.len(), "one weight a style");
        let network = self.architecture.network();
        let mut arrays = BTreeMap::new();
        for layer in &network.layers {
            for part in ["weight", "bias"] {
                let name = format!("{}.{part}", layer.parameters);
                let Some(array) = self.arrays.get(&name) else { continue };
                let array = if is_by_style(array) { mixed(array, blend) } else { array.clone() };
                arrays.insert(name, array);
            }
        }
        Model::new(network, Weights::new(arrays, BTreeMap::new()), None)
    }

    /// The same generator with all parameters once for every style, so that each can be trained apart. Styles that come from
    /// one beginning can still be blended (Wang et al. 2019).
    pub fn separated(mut self) -> Generator {
        let styles = self.styles.len();
        for array in self.arrays.values_mut().filter(|array| !is_by_style(array)) {
            array.shape.insert(0, styles);
            array.data = array.data.repeat(styles);
        }
        self
    }

    /// A generator of `styles` that begins as this one: every style as the one of its name, or all as the only one there is.
    /// None if neither says how one begins.
    pub fn beginning(mut self, styles: &[String]) -> Option<Generator> {
        let of = |name: &String| match self.styles.len() {
            1 => Some(0),
            _ => self.styles.iter().position(|style| style == name),
        };
        let rows: Vec<usize> = styles.iter().map(of).collect::<Option<_>>()?;
        self.styles = styles.to_vec();
        for array in self.arrays.values_mut().filter(|array| is_by_style(array)) {
            let size = array.data.len() / array.shape[0];
            array.shape[0] = rows.len();
            array.data = rows.iter().flat_map(|row| &array.data[row * size..][..size]).copied().collect();
        }
        Some(self)
    }

    /// The weights that give style number `style` alone.
    ///
    /// # Panics
    /// If there is no such style.
    pub fn alone(&self, style: usize) -> Vec<f32> {
        let mut blend = vec![0.0; self.styles.len()];
        blend[style] = 1.0;
        blend
    }
}

/// The weighted sum of an array's rows.
fn mixed(array: &Array, blend: &[f32]) -> Array {
    let shape = array.shape[1..].to_vec();
    let mut sum = vec![0.0; shape.iter().product()];
    for (row, &share) in array.data.chunks_exact(sum.len()).zip(blend) {
        if share == 1.0 && blend.iter().filter(|&&share| share != 0.0).count() == 1 {
            sum.copy_from_slice(row);
        } else if share != 0.0 {
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += share * value);
        }
    }
    Array { shape, data: sum }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Plan, Purpose, generator::Architecture, network::Padding, weights::Precision};

    #[test]
    fn separated_styles_begin_alike_and_survive_a_file() {
        let widths = [2, 3, 4];
        let shape = Architecture::Transform {
            widths,
            blocks: 1,
            noise: 0,
            skip: 0,
            padding: Padding::Reflect,
            range: None,
        };
        let together = Generator::untrained(shape.clone(), vec!["a".into(), "b".into()], 3).unwrap();
        let mut apart = together.clone().separated();
        assert_eq!(apart.clone().separated(), apart);
        let paint = |generator: &Generator, blend: &[f32]| {
            let mut plan = Plan::of_last(&generator.model(blend).unwrap(), 8, 8, Purpose::Forward).unwrap();
            plan.forward(&(0..192).map(|i| (i % 7) as f32 / 7.0).collect::<Vec<_>>());
            plan.tap(0).data.to_vec()
        };
        assert_eq!(paint(&apart, &[0.0, 1.0]), paint(&together, &[0.0, 1.0]));
        let one = Generator::untrained(shape.clone(), vec!["one".into()], 5).unwrap();
        let three = one.clone().beginning(&["x".into(), "y".into(), "z".into()]).unwrap();
        assert_eq!(paint(&three, &[0.0, 0.0, 1.0]), paint(&one, &[1.0]));
        let last = three.clone().beginning(&["z".into()]).unwrap();
        assert_eq!((last.styles(), paint(&last, &[1.0])), (&["z".to_owned()][..], paint(&one, &[1.0])));
        assert_eq!(three.beginning(&["w".into()]), None);
        for (name, values) in apart.arrays_mut() {
            let half = values.len() / 2;
            if name == "c2.weight" {
                values[half..].iter_mut().for_each(|value| *value *= 2.0);
            }
        }
        let [first, second, between] = [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]].map(|b| paint(&apart, &b));
        for i in 0..first.len() {
            assert!((second[i] - 2.0 * first[i]).abs() < 1e-5 && (between[i] - 1.5 * first[i]).abs() < 1e-5);
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), apart.bytes(Precision::Single)).unwrap();
        assert_eq!(Generator::open(file.path()).unwrap().arrays(), apart.arrays());
    }
}
