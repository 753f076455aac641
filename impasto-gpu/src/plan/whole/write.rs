//! Terms of an objective, written down.

use super::{GpuPlan, Measured, Whole};
use crate::{
    kernel::Kernel,
    questions,
    record::{Dispatch, Finish, Op, Shared},
    starts::Kind,
    totals::total,
};
use impasto_net::{
    engine::{EngineError, Start, terms},
    statistics::Positions,
};
use std::ops::Range;
use wgpu::Buffer;

impl GpuPlan {
    /// Takes a beginning of a value's cotangent down.
    fn write_start(
        &self,
        whole: &mut Whole,
        value: usize,
        kind: Kind,
        given: (Option<&Buffer>, Option<&[f32]>),
        tail: usize,
    ) -> Result<usize, EngineError> {
        let begun = whole.begun.entry(value).or_default();
        let start = self.beginning(value, kind, !begun.is_empty(), given, tail)?;
        begun.push(whole.starts.len());
        whole.starts.push(start);
        Ok(whole.starts.len() - 1)
    }

    pub(super) fn write_content(
        &mut self,
        whole: &mut Whole,
        term: &terms::ContentTerm,
        value: usize,
    ) -> Result<(), EngineError> {
        let target = self.kept(term.target.number(), term.target.values())?;
        let kind = Kind::Difference(term.target.number());
        let start = self.write_start(whole, value, kind, (Some(&target), None), 0)?;
        let difference = Start::Difference { target: &term.target, factor: 2.0 * term.factor };
        whole.starts[start].write(&self.gpu, &difference, self.shapes[value].channels);
        let places = self.places(value)?;
        let question =
            questions::Prepared::distance(&self.gpu, &self.shared, self.shapes[value], &places, &target);
        let Range { start, end } = question.place;
        let mut dispatches = question.dispatches;
        dispatches.push(Dispatch::new(&self.gpu, &self.shared, &total(start, end - start, start), None));
        let (buffer, factor) = (self.shared.arena.clone(), term.factor.into());
        whole.terms.push(Measured { dispatches, buffer, place: start..start + 1, factor });
        Ok(())
    }

    pub(super) fn write_style(
        &mut self,
        whole: &mut Whole,
        term: &terms::StyleTerm,
        value: usize,
    ) -> Result<(), EngineError> {
        let shape = self.shapes[value];
        let channels = shape.channels;
        let full = term.second == terms::Second::Products;
        let entries = if full { channels * channels } else { channels };
        let groups = if full { entries.div_ceil(256) } else { 0 };
        let weights = self.weights(term.positions.as_ref())?;
        let shares = term.positions.as_ref().map(Positions::shares);
        let number = term.positions.as_ref().map(Positions::number);
        let kind = if full { Kind::Affine(number) } else { Kind::Diagonal(number) };
        // The sum, then its parts.
        let start = self.write_start(whole, value, kind, (None, shares.as_deref()), 1 + groups + channels)?;
        let (data, tail) = (whole.starts[start].data.clone(), whole.starts[start].tail);

        let padded = |values: &[f32], len: usize, rest: f32| {
            let mut values = values.to_vec();
            values.resize(len, rest);
            values
        };
        let kept: Vec<f32> = term.kept.iter().map(|&kept| f32::from(u8::from(kept))).collect();
        let wanted = [
            padded(&term.first_target, channels, 0.0),
            padded(&term.second_target, entries, 0.0),
            padded(&kept, channels, 1.0),
        ];
        let wanted = self.gpu.upload("statistics of styles", &wanted.concat())?;
        let places = self.places(value)?;
        let parameters = |parts: usize| {
            [
                places.answer.start as u32,
                channels as u32,
                channels.next_multiple_of(4) as u32,
                (shape.positions() as f32).to_bits(),
                term.second as u32,
                u32::from(term.centred),
                u32::from(term.means),
                term.factors[0].to_bits(),
                term.factors[1].to_bits(),
                parts as u32,
                0,
                0,
            ]
        };
        let how = (full, weights.as_ref());
        let question = questions::Prepared::moments(&self.gpu, &self.shared, shape, &places, how);
        let mut dispatches = question.dispatches;
        let plain = Finish::plain(0, 1);
        let into = Shared { notes: data.clone(), ..self.shared.clone() };
        if full {
            let op = Op::new(Kernel::StyleEntries, &plain, &parameters(tail + 1), [groups as u32, 1, 1]);
            dispatches.push(Dispatch::new(&self.gpu, &into, &op, Some(&wanted)));
        }
        let parts = parameters(tail + 1 + groups);
        let op = Op::new(Kernel::StyleRows, &plain, &parts, [channels as u32, 1, 1]);
        dispatches.push(Dispatch::new(&self.gpu, &into, &op, Some(&wanted)));
        let sum = total(tail + 1, groups + channels, tail);
        let alone = Shared { arena: data.clone(), ..self.shared.clone() };
        dispatches.push(Dispatch::new(&self.gpu, &alone, &sum, None));
        whole.terms.push(Measured { dispatches, buffer: data, place: tail..tail + 1, factor: 1.0 });
        Ok(())
    }
}
