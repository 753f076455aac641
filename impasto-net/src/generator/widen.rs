//! The same pictures from a larger network.

use super::{Architecture, Generator, is_by_style};
use crate::NetError;

impl Generator {
    /// A generator of the architecture `wide` that paints what this one does and has room to learn more (after Chen et al.,
    /// "Net2Net", 2016): the new planes of every layer begin by chance, chosen by `seed`, and nothing that was there reads
    /// them yet. Where the paper copies planes, these are new ones: behind instance norms a copied plane would learn what its
    /// twin does.
    ///
    /// # Errors
    /// [`NetError::Architecture`] unless both are transform networks that differ in their widths, planes of noise and
    /// planes that skip the quarter alone, none of which shrinks; where one of these is there already, what `u2` reads
    /// before it must stay.
    pub fn widened(&self, wide: Architecture, seed: u64) -> Result<Generator, NetError> {
        let planes = |shape: &Architecture| match shape {
            Architecture::Transform { widths, noise, skip, .. } => Some((*widths, [*noise, *skip])),
            _ => None,
        };
        let narrower = planes(&self.architecture).zip(planes(&wide)).is_some_and(|(old, new)| {
            let mut same = wide.clone();
            if let Architecture::Transform { widths, noise, skip, .. } = &mut same {
                (*widths, [*noise, *skip]) = old;
            }
            // What a convolution read before must come first among what it reads now.
            let in_order =
                (old.1 == [0, 0] || old.0[1] == new.0[1]) && (old.1[1] == 0 || old.1[0] == new.1[0]);
            let all_grow = |old: &[usize], new: &[usize]| old.iter().zip(new).all(|(old, new)| old <= new);
            let grows = all_grow(&old.0, &new.0) && all_grow(&old.1, &new.1);
            same == self.architecture && grows && in_order
        });
        if !narrower {
            let reason = "only a transform network can be widened: its widths, its noise, its skip".into();
            return Err(NetError::Architecture { kind: wide.name(), reason });
        }
        let mut generator = Generator::untrained(wide, self.styles.clone(), seed)?;
        if self.arrays.values().any(|array| array.shape.len() == 5) {
            generator = generator.separated();
        }
        for (name, array) in &mut generator.arrays {
            let Some(old) = self.arrays.get(name) else { continue };
            let lead = usize::from(is_by_style(old));
            let (outputs, old_outputs) = (array.shape[lead], old.shape[lead]);
            let rows: usize = array.shape[lead + 1..].iter().product();
            let old_rows: usize = old.shape[lead + 1..].iter().product();
            for (place, old) in old.data.chunks_exact(old_rows).enumerate() {
                let (style, output) = (place / old_outputs, place % old_outputs);
                let (kept, new) =
                    array.data[(style * outputs + output) * rows..][..rows].split_at_mut(old_rows);
                kept.copy_from_slice(old);
                new.fill(0.0);
            }
        }
        generator.remarks = self.remarks.clone();
        Ok(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Plan, Purpose, network::Padding};

    fn shape(widths: [usize; 3], blocks: usize, noise: usize, skip: usize) -> Architecture {
        Architecture::Transform { widths, blocks, noise, skip, padding: Padding::Reflect, range: None }
    }

    #[test]
    fn paints_as_before_and_never_shrinks() {
        let styles = vec!["a".into(), "b".into()];
        let mut narrow = Generator::untrained(shape([2, 3, 4], 1, 0, 0), styles, 3).unwrap().separated();
        for (at, (_, values)) in narrow.arrays_mut().enumerate() {
            values.iter_mut().enumerate().for_each(|(i, value)| *value += ((at + 7 * i) % 5) as f32 * 0.02);
        }
        let wide = narrow.widened(shape([2, 5, 9], 1, 2, 3), 4).unwrap();
        let picture: Vec<f32> = (0..3 * 64).map(|i| (i * 37 % 101) as f32 / 101.0).collect();
        let painted = |generator: &Generator, style| {
            let model = generator.model(&generator.alone(style)).unwrap();
            let mut plan = Plan::of_last(&model, 8, 8, Purpose::Forward).unwrap();
            plan.forward(&picture);
            plan.tap(0).data.to_vec()
        };
        for style in 0..2 {
            let (old, new) = (painted(&narrow, style), painted(&wide, style));
            assert!(old.iter().zip(&new).all(|(a, b)| (a - b).abs() < 1e-4));
        }
        for other in [
            ([2, 4, 9], 1, 2, 3),
            ([2, 5, 9], 2, 2, 3),
            ([2, 5, 9], 1, 3, 3),
            ([2, 6, 9], 1, 2, 3),
            ([2, 5, 9], 1, 2, 2),
        ] {
            let (widths, blocks, noise, skip) = other;
            assert!(wide.widened(shape(widths, blocks, noise, skip), 1).is_err());
        }
        assert!(wide.widened(shape([3, 5, 9], 1, 2, 4), 1).is_ok());
    }
}
