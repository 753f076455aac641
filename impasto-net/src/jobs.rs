//! Jobs shared out over the threads of the current rayon pool such that equal places of maps meet the same thread.
//!
//! Cores need not share a cache: what one wrote, the other then reads several times slower than memory. Layers therefore
//! go through their maps in stretches, one a thread, always in the same order; who is ready first helps the others.
#![allow(unsafe_code)]

use rayon::prelude::*;
use std::{
    marker::PhantomData,
    sync::atomic::{AtomicU64, Ordering},
};

/// Jobs that a thread has not begun: the first in the high half, the end in the low half.
#[repr(align(128))]
struct Stretch(AtomicU64);

impl Stretch {
    fn new(first: usize, end: usize) -> Self {
        Stretch(AtomicU64::new((first as u64) << 32 | end as u64))
    }

    /// Takes the first job for its owner, the last one for a helper.
    fn take(&self, owner: bool) -> Option<usize> {
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            let (first, end) = (now >> 32, now & u64::from(u32::MAX));
            if first >= end {
                return None;
            }
            let (job, next) = if owner { (first, now + (1 << 32)) } else { (end - 1, now - 1) };
            match self.0.compare_exchange_weak(now, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Some(job as usize),
                Err(found) => now = found,
            }
        }
    }
}

/// What one thread is to do: its own stretch, then what others have left.
pub struct Jobs<'a> {
    stretches: &'a [Stretch],
    own: usize,
    /// Stretches found empty.
    empty: usize,
}

impl Iterator for Jobs<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.empty < self.stretches.len() {
            let at = (self.own + self.empty) % self.stretches.len();
            if let Some(job) = self.stretches[at].take(self.empty == 0) {
                return Some(job);
            }
            self.empty += 1;
        }
        None
    }
}

/// Runs `work` with the jobs below `count`, on every thread that finds some.
pub fn share_out(count: usize, work: impl Fn(&mut dyn Iterator<Item = usize>) + Sync) {
    let threads = rayon::current_num_threads();
    if threads == 1 || count == 1 {
        return work(&mut (0..count));
    }
    assert!(u32::try_from(count).is_ok(), "{count} jobs");
    let bound = |thread: usize| count * thread / threads;
    let stretches: Vec<Stretch> = (0..threads).map(|t| Stretch::new(bound(t), bound(t + 1))).collect();
    // As many calls as threads, for whoever comes: nobody waits for a thread that is late because another program has its core.
    (0..threads).into_par_iter().with_max_len(1).for_each(|call| {
        let own = rayon::current_thread_index().unwrap_or(call) % threads;
        let mut jobs = Jobs { stretches: &stretches, own, empty: 0 };
        if let Some(first) = jobs.next() {
            work(&mut std::iter::once(first).chain(jobs));
        }
    });
}

/// Runs `job` for every number below `count`.
pub fn each(count: usize, job: impl Fn(usize) + Sync) {
    share_out(count, |jobs| jobs.for_each(&job));
}

/// A slice's exclusive borrow, shared by jobs that touch different chunks.
struct Chunks<'a, T> {
    first: *mut T,
    len: usize,
    borrow: PhantomData<&'a mut [T]>,
}

// SAFETY: every chunk goes to one job.
unsafe impl<T: Send> Sync for Chunks<'_, T> {}

impl<T> Chunks<'_, T> {
    /// Chunk number `index` of `len` values, or as many as are left.
    ///
    /// # Safety
    /// No chunk may be taken twice.
    #[allow(clippy::mut_from_ref)]
    unsafe fn chunk(&self, index: usize, len: usize) -> &mut [T] {
        let start = (index * len).min(self.len);
        // SAFETY: inside the slice; exclusive by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.first.add(start), len.min(self.len - start)) }
    }
}

/// Runs `job` for every chunk of `len` values, the last one maybe shorter, with its number.
pub fn each_chunk<T: Send>(values: &mut [T], len: usize, job: impl Fn(usize, &mut [T]) + Sync) {
    let len = len.max(1);
    let chunks = Chunks { first: values.as_mut_ptr(), len: values.len(), borrow: PhantomData };
    // SAFETY: every number comes once.
    each(chunks.len.div_ceil(len), |index| job(index, unsafe { chunks.chunk(index, len) }));
}

/// [`each_chunk`] of two slices at once.
pub fn each_pair<T: Send, U: Send>(
    (a, a_len): (&mut [T], usize),
    (b, b_len): (&mut [U], usize),
    job: impl Fn(usize, &mut [T], &mut [U]) + Sync,
) {
    let a = Chunks { first: a.as_mut_ptr(), len: a.len(), borrow: PhantomData };
    let b = Chunks { first: b.as_mut_ptr(), len: b.len(), borrow: PhantomData };
    each(a.len.div_ceil(a_len), |index| {
        // SAFETY: every number comes once.
        let (a, b) = unsafe { (a.chunk(index, a_len), b.chunk(index, b_len)) };
        job(index, a, b);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn every_job_is_done_once_by_any_number_of_threads() {
        for threads in [1, 2, 3, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for count in [0, 1, 2, 7, 1000] {
                let done: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
                pool.install(|| {
                    each(count, |job| {
                        done[job].fetch_add(1, Ordering::Relaxed);
                    })
                });
                assert!(done.iter().all(|done| done.load(Ordering::Relaxed) == 1), "{count} on {threads}");
            }
        }
    }

    #[test]
    fn chunks_cover_a_slice() {
        let mut values = vec![0; 103];
        each_chunk(&mut values, 10, |index, chunk| chunk.fill(index + 1));
        assert!(values.iter().enumerate().all(|(i, &value)| value == i / 10 + 1));
    }
}
