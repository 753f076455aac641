//! Where the maps and cotangents of a plan are in one piece of memory.

use super::{Purpose, schedule::Schedule};
use crate::aligned::LINE;
use std::ops::Range;

/// Values up to which only maps of equal length share a place: then each thread meets its part of the map before, where
/// otherwise it would fetch what another thread's core holds.
const AMPLE: usize = 4 << 20;

/// Ways of giving places that are tried.
const ATTEMPTS: u64 = 64;

/// Places of maps and cotangents in one piece of memory, in values; those never alive at the same time may share one.
#[derive(Clone, Debug)]
pub struct Layout {
    /// For every value of the schedule, its map's place. Each begins at a multiple of 16 values.
    pub maps: Vec<Range<usize>>,
    /// Its cotangent's; empty for plans without a way back.
    pub cotangents: Vec<Range<usize>>,
    /// Values in all.
    pub len: usize,
}

/// Something that needs `len` values from time `birth` to time `death`, both included.
struct Tenant {
    len: usize,
    birth: usize,
    death: usize,
}

impl Layout {
    /// Places all maps of `schedule` and, where `purpose` goes back, their cotangents.
    ///
    /// Time: step `i` of `n` runs forward at `i + 1` and backward at `2n − i`; 0 is the picture's arrival, `2n + 1` the
    /// gradient's departure.
    /// Maps of the values `again` are computed again from the picture when their cotangents start.
    pub fn new(schedule: &Schedule, purpose: Purpose, again: &[usize]) -> Self {
        let n = schedule.steps.len();
        let back = |step: usize| 2 * n - step;
        let end = 2 * n + 1;
        let mut producer = vec![None; schedule.values.len()];
        // For every value, the one whose place it takes.
        let mut home: Vec<usize> = (0..schedule.values.len()).collect();
        for (index, step) in schedule.steps.iter().enumerate() {
            // Parts of a concatenation are several steps.
            producer[step.output].get_or_insert(index);
            if purpose == Purpose::Forward && schedule.overwrites(step) {
                home[step.output] = home[step.inputs[0]];
            }
        }
        let (mut maps, mut cotangents): (Vec<Tenant>, Vec<Tenant>) = (Vec::new(), Vec::new());
        for (index, (value, producer)) in schedule.values.iter().zip(&producer).enumerate() {
            // The cotangent starts with the last reader's step on the way back, or with its own if nobody reads it.
            let start = value.consumers.last().or(producer.as_ref()).map_or(end, |&step| back(step));
            let last_read = value.consumers.last().map_or(0, |&step| step + 1);
            let birth = producer.map_or(0, |step| step + 1);
            let wanted_back = value.consumers.iter().filter(|&&step| {
                let step = &schedule.steps[step];
                step.inputs[0] == index && purpose.keeps_input(step.op)
            });
            let death = match purpose {
                _ if again.contains(&index) => last_read.max(birth),
                // The gradient's departure needs no picture, so this is late enough for any map.
                Purpose::Gradient if index == 0 && !again.is_empty() => 2 * n,
                Purpose::Forward if value.tapped => end,
                Purpose::Gradient | Purpose::Training if value.tapped => start,
                _ => last_read.max(birth),
            };
            let death = wanted_back.map(|&step| back(step)).fold(death, usize::max);
            let len = value.shape.len();
            if home[index] == index {
                maps.push(Tenant { len, birth, death });
            } else {
                maps.push(Tenant { len: 0, birth, death });
                let lord = &mut maps[home[index]];
                lord.death = lord.death.max(death);
            }
            if purpose.goes_back() {
                cotangents.push(Tenant { len, birth: start, death: producer.map_or(end, back) });
            }
        }
        let count = maps.len();
        maps.append(&mut cotangents);
        let (mut places, len) = match place(&maps, true, 0) {
            (_, len) if len > AMPLE => place_tightly(&maps),
            alike => alike,
        };
        let cotangents = places.split_off(count);
        let maps = home.iter().map(|&home| places[home].clone()).collect();
        Layout { maps, cotangents, len }
    }
}

/// The shortest of several ways of giving places, or the first that is as short as any can be.
fn place_tightly(tenants: &[Tenant]) -> (Vec<Range<usize>>, usize) {
    let together = |time: usize| {
        let alive = tenants.iter().filter(|tenant| tenant.birth <= time && time <= tenant.death);
        alive.map(|tenant| tenant.len).sum::<usize>()
    };
    let least = tenants.iter().map(|tenant| together(tenant.birth)).max().unwrap_or(0);
    let mut best = place(tenants, false, 0);
    for attempt in 1..ATTEMPTS {
        // Beginnings at cache lines may add a little.
        if best.1 <= least + LINE * tenants.len() {
            break;
        }
        let other = place(tenants, false, attempt);
        if other.1 < best.1 {
            best = other;
        }
    }
    best
}

/// Gives every tenant a place, largest first, each as low as those placed before allow; returns places and total length.
/// If `alike`, tenants share a place only with those of the same length. Tenants of one length come by their birth in attempt
/// 0, in an order of its own in every other.
fn place(tenants: &[Tenant], alike: bool, attempt: u64) -> (Vec<Range<usize>>, usize) {
    let mut order: Vec<usize> = (0..tenants.len()).collect();
    let turn = |i: usize| match attempt {
        0 => tenants[i].birth as u64,
        _ => (i as u64 + 1).wrapping_mul(attempt).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20,
    };
    order.sort_by_key(|&i| (std::cmp::Reverse(tenants[i].len), turn(i)));
    let mut places: Vec<Range<usize>> = vec![0..0; tenants.len()];
    let mut placed: Vec<usize> = Vec::new();
    let mut total = 0;
    for &i in &order {
        let tenant = &tenants[i];
        let apart = |&&j: &&usize| {
            let Tenant { len, birth, death } = tenants[j];
            (birth <= tenant.death && tenant.birth <= death) || (alike && len != tenant.len)
        };
        let mut taken: Vec<Range<usize>> = placed.iter().filter(apart).map(|&j| places[j].clone()).collect();
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
        let (places, total) = place(&tenants, false, 0);
        for (i, a) in tenants.iter().enumerate() {
            for (j, b) in tenants.iter().enumerate().take(i) {
                let together = a.birth <= b.death && b.birth <= a.death;
                let apart = places[i].end <= places[j].start || places[j].end <= places[i].start;
                assert!(apart || !together, "{i} and {j}");
            }
        }
        assert!(total < 200);
        let (places, _) = place(&tenants, true, 0);
        assert!(places[1].start >= places[0].end.max(places[2].end));
    }
}
