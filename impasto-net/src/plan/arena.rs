//! One piece of memory for all maps and cotangents of a plan.

use super::layout::Layout;
use crate::aligned::Aligned;
use std::ops::Range;

/// Memory in which maps and cotangents have places.
pub struct Arena {
    memory: Aligned,
    layout: Layout,
}

impl Arena {
    /// Memory for `layout`.
    pub fn new(layout: Layout) -> Self {
        Arena { memory: Aligned::zeros(layout.len), layout }
    }

    /// Values in all.
    pub fn len(&self) -> usize {
        self.memory.len()
    }

    /// Whether cotangents have places.
    pub fn has_cotangents(&self) -> bool {
        !self.layout.cotangents.is_empty()
    }

    /// A value's map.
    pub fn map(&self, value: usize) -> &[f32] {
        &self.memory[self.layout.maps[value].clone()]
    }

    /// A value's map, to be written.
    pub fn map_mut(&mut self, value: usize) -> &mut [f32] {
        &mut self.memory[self.layout.maps[value].clone()]
    }

    /// A map to read, another to read where there is one, and a third to write. The first is missing if it has the third's
    /// place.
    pub fn maps(
        &mut self,
        read: usize,
        also: Option<usize>,
        write: usize,
    ) -> (Option<&[f32]>, Option<&[f32]>, &mut [f32]) {
        let write = self.layout.maps[write].clone();
        let place = |value: usize| Some(self.layout.maps[value].clone()).filter(|place| *place != write);
        let ([read, also], write) = apart(&mut self.memory, [place(read), also.and_then(place)], write);
        (read, also, write)
    }

    /// A value's cotangent.
    pub fn cotangent(&self, value: usize) -> &[f32] {
        &self.memory[self.layout.cotangents[value].clone()]
    }

    /// A value's cotangent, to be changed.
    pub fn cotangent_mut(&mut self, value: usize) -> &mut [f32] {
        &mut self.memory[self.layout.cotangents[value].clone()]
    }

    /// The map of `write` to read if it was kept for the way back, the cotangent of `read` to read and that of `write` to
    /// write.
    pub fn cotangents(
        &mut self,
        read: usize,
        write: usize,
        kept: bool,
    ) -> (Option<&[f32]>, &[f32], &mut [f32]) {
        let map = kept.then(|| self.layout.maps[write].clone());
        let read = self.layout.cotangents[read].clone();
        let ([map, read], write) =
            apart(&mut self.memory, [map, Some(read)], self.layout.cotangents[write].clone());
        (map, read.unwrap_or_default(), write)
    }

    /// One value's map to read and a cotangent to write.
    pub fn map_and_cotangent(&mut self, map: usize, cotangent: usize) -> (&[f32], &mut [f32]) {
        let map = Some(self.layout.maps[map].clone());
        let ([map], write) = apart(&mut self.memory, [map], self.layout.cotangents[cotangent].clone());
        (map.unwrap_or_default(), write)
    }
}

/// Borrows places to read and one to write; it is alive at the same time as the others and hence apart from them.
fn apart<const N: usize>(
    memory: &mut [f32],
    read: [Option<Range<usize>>; N],
    write: Range<usize>,
) -> ([Option<&[f32]>; N], &mut [f32]) {
    let (below, rest) = memory.split_at_mut(write.start);
    let (middle, above) = rest.split_at_mut(write.len());
    let (below, above) = (&*below, &*above);
    let read = read.map(|place| {
        let place = place?;
        if place.end <= write.start {
            return Some(&below[place]);
        }
        assert!(place.start >= write.end, "values alive at the same time have places apart");
        Some(&above[place.start - write.end..place.end - write.end])
    });
    (read, middle)
}
