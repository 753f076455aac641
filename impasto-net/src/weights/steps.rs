//! Weights as 8-bit integers with a step size an output: value = integer · step.

use super::Array;

/// The array that `integers` and their `steps`, one for each of its outermost slices, stand for, or what is wrong with them.
pub fn decode(mut integers: Array, steps: &Array) -> Result<Array, String> {
    let outputs = integers.shape.first().copied().unwrap_or(0);
    if steps.shape != [outputs] || outputs == 0 {
        return Err(format!("it has {outputs} outputs, but its step sizes have shape {:?}", steps.shape));
    }
    let len = integers.data.len() / outputs;
    for (values, step) in integers.data.chunks_mut(len.max(1)).zip(&steps.data) {
        values.iter_mut().for_each(|value| *value *= step);
    }
    Ok(integers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(shape: &[usize], data: &[f32]) -> Array {
        Array { shape: shape.to_vec(), data: data.to_vec() }
    }

    #[test]
    fn every_output_has_its_step() {
        let integers = array(&[2, 2], &[1.0, -2.0, 3.0, 0.0]);
        let decoded = decode(integers.clone(), &array(&[2], &[0.5, 2.0])).unwrap();
        assert_eq!(decoded, array(&[2, 2], &[0.5, -1.0, 6.0, 0.0]));
        assert!(decode(integers, &array(&[1], &[0.5])).is_err());
        assert!(decode(array(&[], &[1.0]), &array(&[1], &[0.5])).is_err());
        assert!(decode(array(&[0, 3], &[]), &array(&[0], &[])).is_err());
    }
}
