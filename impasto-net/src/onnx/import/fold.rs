//! Nodes of constants: exporters compute paddings and shapes by whole trees of them.

use crate::onnx::message::{self, Attribute, Constant, Node};
use std::rc::Rc;

/// Values that a constant may have: a damaged file shall not fill the memory.
const MOST: usize = 1 << 25;

/// The value of a node whose inputs are constant, or none if it is not one of those known here.
pub fn fold(node: &Node, inputs: &[Option<Rc<Constant>>]) -> Result<Option<Constant>, String> {
    let input = |index: usize| match inputs.get(index) {
        Some(Some(constant)) => Ok(&**constant),
        _ => Err(format!("input number {index} is missing")),
    };
    let optional = |index: usize| inputs.get(index).and_then(|constant| constant.as_deref());
    let integers = |index: usize, name: &str| match optional(index) {
        Some(constant) => Some(whole(constant)),
        None => node.integers(name).map(<[i64]>::to_vec),
    };
    let done = match &node.op[..] {
        "Constant" => match (node.attributes.get("value"), node.attributes.iter().next()) {
            (Some(Attribute::Constant(constant)), _) => constant.clone(),
            (_, Some((_, Attribute::Float(v)))) => Constant { shape: vec![], data: vec![f64::from(*v)] },
            (_, Some((_, Attribute::Integer(v)))) => Constant { shape: vec![], data: vec![*v as f64] },
            (_, Some((_, Attribute::Floats(v)))) => line(v.iter().map(|&v| f64::from(v)).collect()),
            (_, Some((_, Attribute::Integers(v)))) => line(v.iter().map(|&v| v as f64).collect()),
            _ => return Err("its kind of value is not supported".into()),
        },
        "ConstantOfShape" => {
            let shape = extents(&whole(input(0)?))?;
            let value = match node.attributes.get("value") {
                Some(Attribute::Constant(constant)) => constant.data.first().copied().unwrap_or(0.0),
                _ => 0.0,
            };
            let len = len(&shape)?;
            Constant { shape, data: vec![value; len] }
        }
        "Identity" | "Cast" | "Dropout" => {
            let truncates = matches!(node.integer("to", 1), 2..=9 | 12 | 13) && node.op == "Cast";
            let mut x = input(0)?.clone();
            x.data.iter_mut().filter(|_| truncates).for_each(|v| *v = v.trunc());
            x
        }
        "Shape" => line(input(0)?.shape.iter().map(|&n| n as f64).collect()),
        "Add" => broadcast(input(0)?, input(1)?, |a, b| a + b)?,
        "Sub" => broadcast(input(0)?, input(1)?, |a, b| a - b)?,
        "Mul" => broadcast(input(0)?, input(1)?, |a, b| a * b)?,
        "Div" => broadcast(input(0)?, input(1)?, |a, b| a / b)?,
        "Pow" => broadcast(input(0)?, input(1)?, f64::powf)?,
        "Sqrt" => each(input(0)?, f64::sqrt),
        "Reciprocal" => each(input(0)?, |v| 1.0 / v),
        "Neg" => each(input(0)?, |v| -v),
        "Floor" => each(input(0)?, f64::floor),
        "Reshape" => reshape(input(0)?, &whole(input(1)?))?,
        "Flatten" => reshape(input(0)?, &[1, -1])?,
        "Squeeze" | "Unsqueeze" => unsqueeze(node, input(0)?, integers(1, "axes"))?,
        "Concat" => {
            let parts: Result<Vec<&Constant>, String> = (0..inputs.len()).map(input).collect();
            concat(&parts?, node.integer("axis", 0))?
        }
        "Transpose" => transpose(input(0)?, node.integers("perm"))?,
        "Slice" => slice(
            input(0)?,
            &integers(1, "starts").ok_or("it says no starts")?,
            &integers(2, "ends").ok_or("it says no ends")?,
            integers(3, "axes"),
            integers(4, "steps"),
        )?,
        "ReduceSum" | "ReduceMean" => {
            let keep = node.integer("keepdims", 1) != 0;
            reduce(input(0)?, integers(1, "axes"), keep, node.op == "ReduceMean")?
        }
        "DequantizeLinear" => dequantise(input(0)?, input(1)?, optional(2), node.integer("axis", 1))?,
        _ => return Ok(None),
    };
    Ok(Some(done))
}

fn line(data: Vec<f64>) -> Constant {
    Constant { shape: vec![data.len()], data }
}

/// The constant's values as integers.
pub fn whole(constant: &Constant) -> Vec<i64> {
    constant.data.iter().map(|&v| v as i64).collect()
}

fn each(x: &Constant, f: impl Fn(f64) -> f64) -> Constant {
    Constant { shape: x.shape.clone(), data: x.data.iter().map(|&v| f(v)).collect() }
}

fn extents(values: &[i64]) -> Result<Vec<usize>, String> {
    let extent = |&v: &i64| usize::try_from(v).map_err(|_| format!("an extent is {v}"));
    values.iter().map(extent).collect()
}

/// Values of a shape, refused where they are too many.
fn len(shape: &[usize]) -> Result<usize, String> {
    message::len(shape)
        .filter(|len| *len <= MOST)
        .ok_or_else(|| format!("a constant of shape {shape:?} is too large"))
}

/// The axis that a possibly negative number means.
fn axis(value: i64, rank: usize) -> Result<usize, String> {
    let counted = if value < 0 { value.saturating_add(rank as i64) } else { value };
    let axis = usize::try_from(counted).ok().filter(|axis| *axis < rank.max(1));
    axis.ok_or_else(|| format!("there is no axis {value} of {rank}"))
}

/// The values at the places that `from` gives for every place of `shape`.
fn gather(x: &Constant, shape: Vec<usize>, from: impl Fn(&[usize]) -> usize) -> Result<Constant, String> {
    let len = len(&shape)?;
    let mut place = vec![0; shape.len()];
    let mut data = Vec::with_capacity(len);
    for _ in 0..len {
        data.push(x.data.get(from(&place)).copied().ok_or("a place lies outside a constant")?);
        for (at, n) in place.iter_mut().zip(&shape).rev() {
            *at += 1;
            if *at < *n {
                break;
            }
            *at = 0;
        }
    }
    Ok(Constant { shape, data })
}

/// Distances between neighbours along every axis.
fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1_usize; shape.len()];
    for i in (1..shape.len()).rev() {
        strides[i - 1] = strides[i].saturating_mul(shape[i]);
    }
    strides
}

fn broadcast(a: &Constant, b: &Constant, f: impl Fn(f64, f64) -> f64) -> Result<Constant, String> {
    let rank = a.shape.len().max(b.shape.len());
    let padded = |x: &Constant| [vec![1; rank - x.shape.len()], x.shape.clone()].concat();
    let (a_shape, b_shape) = (padded(a), padded(b));
    let mut shape = Vec::with_capacity(rank);
    for (&a, &b) in a_shape.iter().zip(&b_shape) {
        shape.push(match (a, b) {
            _ if a == b => a,
            (1, n) | (n, 1) => n,
            _ => return Err(format!("shapes {a_shape:?} and {b_shape:?} do not fit")),
        });
    }
    let steps = |shape: &[usize]| -> Vec<usize> {
        strides(shape).into_iter().zip(shape).map(|(stride, &n)| if n == 1 { 0 } else { stride }).collect()
    };
    let at = |steps: &[usize], place: &[usize]| steps.iter().zip(place).map(|(s, p)| s * p).sum::<usize>();
    let (a_steps, b_steps) = (steps(&a_shape), steps(&b_shape));
    let mut left = gather(a, shape.clone(), |place| at(&a_steps, place))?;
    let right = gather(b, shape, |place| at(&b_steps, place))?;
    left.data.iter_mut().zip(right.data).for_each(|(a, b)| *a = f(*a, b));
    Ok(left)
}

fn reshape(x: &Constant, wanted: &[i64]) -> Result<Constant, String> {
    let mut shape = Vec::with_capacity(wanted.len());
    for (i, &n) in wanted.iter().enumerate() {
        shape.push(match n {
            0 => *x.shape.get(i).unwrap_or(&0),
            -1 => 1,
            n => usize::try_from(n).map_err(|_| format!("an extent is {n}"))?,
        });
    }
    if let Some(open) = wanted.iter().position(|&n| n == -1) {
        let known = len(&shape)?;
        shape[open] = x.data.len().checked_div(known).unwrap_or(0);
    }
    match len(&shape)? == x.data.len() {
        true => Ok(Constant { shape, data: x.data.clone() }),
        false => Err(format!("shape {:?} cannot become {wanted:?}", x.shape)),
    }
}

fn unsqueeze(node: &Node, x: &Constant, axes: Option<Vec<i64>>) -> Result<Constant, String> {
    let mut shape = x.shape.clone();
    if node.op == "Unsqueeze" {
        let axes = axes.unwrap_or_default();
        let rank = shape.len() + axes.len();
        let mut places = Vec::with_capacity(axes.len());
        for value in axes {
            places.push(axis(value, rank)?);
        }
        places.sort_unstable();
        for place in places {
            if place > shape.len() {
                return Err("its axes do not fit".into());
            }
            shape.insert(place, 1);
        }
    } else if let Some(axes) = axes {
        let mut keep = vec![true; shape.len()];
        for value in axes {
            let place = axis(value, shape.len())?;
            *keep.get_mut(place).ok_or("its axes do not fit")? = false;
        }
        shape = shape.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(n, _)| n).collect();
    } else {
        shape.retain(|n| *n != 1);
    }
    match len(&shape)? == x.data.len() {
        true => Ok(Constant { shape, data: x.data.clone() }),
        false => Err(format!("an axis of {:?} that is left out is longer than 1", x.shape)),
    }
}

fn concat(parts: &[&Constant], along: i64) -> Result<Constant, String> {
    let Some(first) = parts.first() else { return Err("it has no inputs".into()) };
    let along = axis(along, first.shape.len())?;
    let mut shape = first.shape.clone();
    if along >= shape.len() {
        return Err("its inputs have no axes".into());
    }
    shape[along] = 0;
    for part in parts {
        let fits = part.shape.len() == shape.len()
            && part.shape.iter().zip(&shape).enumerate().all(|(i, (a, b))| i == along || a == b);
        if !fits {
            return Err("its inputs' shapes do not fit".into());
        }
        shape[along] = shape[along].saturating_add(part.shape[along]);
    }
    let mut data = Vec::with_capacity(len(&shape)?);
    let outer = if data.capacity() == 0 { 0 } else { shape[..along].iter().product() };
    for i in 0..outer {
        for part in parts {
            let inner: usize = part.shape[along..].iter().product();
            data.extend(&part.data[i * inner..(i + 1) * inner]);
        }
    }
    Ok(Constant { shape, data })
}

fn transpose(x: &Constant, perm: Option<&[i64]>) -> Result<Constant, String> {
    let rank = x.shape.len();
    let mut order = (0..rank).rev().collect::<Vec<usize>>();
    if let Some(perm) = perm {
        order = perm.iter().map(|&value| axis(value, rank)).collect::<Result<_, _>>()?;
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if sorted != (0..rank).collect::<Vec<usize>>() {
            return Err(format!("{perm:?} is no order of {rank} axes"));
        }
    }
    let strides = strides(&x.shape);
    let shape = order.iter().map(|&i| x.shape[i]).collect();
    gather(x, shape, |place| place.iter().zip(&order).map(|(p, &i)| p * strides[i]).sum())
}

fn slice(
    x: &Constant,
    starts: &[i64],
    ends: &[i64],
    axes: Option<Vec<i64>>,
    steps: Option<Vec<i64>>,
) -> Result<Constant, String> {
    let rank = x.shape.len();
    let axes = axes.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = steps.unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err("its starts, ends, axes and steps are not equally many".into());
    }
    let mut places: Vec<Vec<usize>> = x.shape.iter().map(|&n| (0..n).collect()).collect();
    for i in 0..starts.len() {
        let along = axis(axes[i], rank)?;
        let (n, step) = (x.shape.get(along).copied().unwrap_or(0) as i64, steps[i]);
        let counted = |v: i64| if v < 0 { v.saturating_add(n) } else { v };
        let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
        let (mut at, end) =
            (counted(starts[i]).clamp(low.max(0), high.max(0)), counted(ends[i]).clamp(low, high));
        if step == 0 || along >= rank {
            return Err("its steps or axes do not fit".into());
        }
        let mut list = Vec::new();
        while (step > 0 && at < end) || (step < 0 && at > end && at < n) {
            list.push(at as usize);
            at = at.saturating_add(step);
        }
        places[along] = list;
    }
    let strides = strides(&x.shape);
    let shape = places.iter().map(Vec::len).collect();
    gather(x, shape, |place| place.iter().enumerate().map(|(i, &p)| places[i][p] * strides[i]).sum())
}

fn reduce(x: &Constant, axes: Option<Vec<i64>>, keep: bool, mean: bool) -> Result<Constant, String> {
    let rank = x.shape.len();
    let mut reduced = vec![axes.as_ref().is_none_or(Vec::is_empty); rank];
    for value in axes.unwrap_or_default() {
        let place = axis(value, rank)?;
        *reduced.get_mut(place).ok_or("its axes do not fit")? = true;
    }
    let shape: Vec<usize> = x.shape.iter().zip(&reduced).map(|(&n, &r)| if r { 1 } else { n }).collect();
    let (strides, own) = (strides(&shape), self::strides(&x.shape));
    let mut data = vec![0.0; len(&shape)?];
    for (i, v) in x.data.iter().enumerate() {
        let along = |a: usize| if reduced[a] { 0 } else { i / own[a] % x.shape[a] * strides[a] };
        data[(0..rank).map(along).sum::<usize>()] += v;
    }
    let count = (x.data.len() / data.len().max(1)).max(1) as f64;
    data.iter_mut().filter(|_| mean).for_each(|v| *v /= count);
    let kept = shape.iter().zip(&reduced).filter(|(_, r)| keep || !**r).map(|(n, _)| *n).collect();
    Ok(Constant { shape: kept, data })
}

fn dequantise(
    x: &Constant,
    scale: &Constant,
    zero: Option<&Constant>,
    along: i64,
) -> Result<Constant, String> {
    let along = if scale.data.len() == 1 { 0 } else { axis(along, x.shape.len())? };
    let mut shape = vec![1; x.shape.len()];
    if scale.data.len() != 1 {
        shape[along] = scale.data.len();
    }
    let spread = |v: &Constant| Constant { shape: shape.clone(), data: v.data.clone() };
    if zero.is_some_and(|zero| zero.data.len() != scale.data.len()) {
        return Err("its scales and zero points are not equally many".into());
    }
    let shifted = match zero {
        Some(zero) => broadcast(x, &spread(zero), |x, zero| x - zero)?,
        None => x.clone(),
    };
    broadcast(&shifted, &spread(scale), |x, scale| x * scale)
}
