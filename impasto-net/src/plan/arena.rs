//! One piece of memory for all maps and cotangents of a plan.

use super::{Purpose, schedule::Schedule};
use crate::aligned::{Aligned, LINE};
use std::ops::Range;

/// Memory in which maps and cotangents have places; those never alive at the same time may share one.
pub struct Arena {
    memory: Aligned,
    maps: Vec<Range<usize>>,
    cotangents: Vec<Range<usize>>,
}

/// Something that needs `len` values from time `birth` to time `death`, both included.
struct Tenant {
    len: usize,
    birth: usize,
    death: usize,
}

impl Arena {
    /// Places all maps of `schedule` and, for [`Purpose::Gradient`], their cotangents.
    ///
    /// Time: step `i` of `n` runs forward at `i + 1` and backward at `2n − i`; 0 is the picture's arrival, `2n + 1` the
    /// gradient's departure.
    pub fn new(schedule: &Schedule, purpose: Purpose) -> Self {
        let n = schedule.steps.len();
        let back = |step: usize| 2 * n - step;
        let end = 2 * n + 1;
        let mut producer = vec![None; schedule.values.len()];
        for (index, step) in schedule.steps.iter().enumerate() {
            producer[step.output] = Some(index);
        }
        let mut tenants = Vec::new();
        for (value, producer) in schedule.values.iter().zip(&producer) {
            // The cotangent starts with the last reader's step on the way back, or with its own if nobody reads it.
            let start = value.consumers.last().or(producer.as_ref()).map_or(end, |&step| back(step));
            let last_read = value.consumers.last().map_or(0, |&step| step + 1);
            let birth = producer.map_or(0, |step| step + 1);
            let death = match purpose {
                _ if !value.tapped => last_read.max(birth),
                Purpose::Forward => end,
                Purpose::Gradient => start,
            };
            tenants.push(Tenant { len: value.shape.len(), birth, death });
            if purpose == Purpose::Gradient {
                let death = producer.map_or(end, back);
                tenants.push(Tenant { len: value.shape.len(), birth: start, death });
            }
        }
        let (places, len) = place(&tenants);
        let memory = Aligned::zeros(len);
        match purpose {
            Purpose::Forward => Arena { memory, maps: places, cotangents: Vec::new() },
            Purpose::Gradient => Arena {
                memory,
                maps: places.iter().step_by(2).cloned().collect(),
                cotangents: places.iter().skip(1).step_by(2).cloned().collect(),
            },
        }
    }

    /// Values in all.
    pub fn len(&self) -> usize {
        self.memory.len()
    }

    /// Whether cotangents have places.
    pub fn has_cotangents(&self) -> bool {
        !self.cotangents.is_empty()
    }

    /// A value's map.
    pub fn map(&self, value: usize) -> &[f32] {
        &self.memory[self.maps[value].clone()]
    }

    /// A value's map, to be written.
    pub fn map_mut(&mut self, value: usize) -> &mut [f32] {
        &mut self.memory[self.maps[value].clone()]
    }

    /// A map to read and another to write.
    pub fn map_pair(&mut self, read: usize, write: usize) -> (&[f32], &mut [f32]) {
        pair(&mut self.memory, self.maps[read].clone(), self.maps[write].clone())
    }

    /// A value's cotangent.
    pub fn cotangent(&self, value: usize) -> &[f32] {
        &self.memory[self.cotangents[value].clone()]
    }

    /// A value's cotangent, to be changed.
    pub fn cotangent_mut(&mut self, value: usize) -> &mut [f32] {
        &mut self.memory[self.cotangents[value].clone()]
    }

    /// A cotangent to read and another to write.
    pub fn cotangent_pair(&mut self, read: usize, write: usize) -> (&[f32], &mut [f32]) {
        pair(&mut self.memory, self.cotangents[read].clone(), self.cotangents[write].clone())
    }

    /// A value's map to read and its cotangent to write.
    pub fn map_and_cotangent(&mut self, value: usize) -> (&[f32], &mut [f32]) {
        pair(&mut self.memory, self.maps[value].clone(), self.cotangents[value].clone())
    }
}

/// Borrows two places that are alive at the same time and hence apart.
fn pair(memory: &mut [f32], read: Range<usize>, write: Range<usize>) -> (&[f32], &mut [f32]) {
    match memory.get_disjoint_mut([read, write]) {
        Ok([read, write]) => (read, write),
        Err(_) => unreachable!("values alive at the same time have places apart"),
    }
}

/// Gives every tenant a place, largest first, each as low as those placed before allow; returns places and total length.
fn place(tenants: &[Tenant]) -> (Vec<Range<usize>>, usize) {
    let mut order: Vec<usize> = (0..tenants.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(tenants[i].len), tenants[i].birth));
    let mut places: Vec<Range<usize>> = vec![0..0; tenants.len()];
    let mut placed: Vec<usize> = Vec::new();
    let mut total = 0;
    for &i in &order {
        let tenant = &tenants[i];
        let contemporary =
            |&&j: &&usize| tenants[j].birth <= tenant.death && tenant.birth <= tenants[j].death;
        let mut taken: Vec<Range<usize>> =
            placed.iter().filter(contemporary).map(|&j| places[j].clone()).collect();
        taken.sort_by_key(|place| place.start);
        let mut start = 0;
        for place in taken {
            if start + tenant.len <= place.start {
                break;
            }
            start = start.max(place.end.next_multiple_of(LINE));
        }
        places[i] = start..start + tenant.len;
        total = total.max(start + tenant.len);
        placed.push(i);
    }
    (places, total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contemporaries_are_apart_and_others_share() {
        let tenant = |len, birth, death| Tenant { len, birth, death };
        let tenants =
            [tenant(100, 0, 2), tenant(50, 1, 3), tenant(100, 3, 5), tenant(10, 2, 2), tenant(1, 0, 5)];
        let (places, total) = place(&tenants);
        for (i, a) in tenants.iter().enumerate() {
            for (j, b) in tenants.iter().enumerate().take(i) {
                let together = a.birth <= b.death && b.birth <= a.death;
                let apart = places[i].end <= places[j].start || places[j].end <= places[i].start;
                assert!(apart || !together, "{i} and {j}");
            }
        }
        assert!(total < 200);
    }
}
