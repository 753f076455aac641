//! Which instruction set the kernels run on, decided once a process.
#![allow(unsafe_code)]

use super::simd::{self, Kernel};
use std::sync::OnceLock;

/// A vector instruction set that this machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// AVX-512 F, BW, DQ, VL.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// ARM's NEON.
    #[cfg(target_arch = "aarch64")]
    Neon,
    /// Plain Rust.
    Portable,
}

impl Isa {
    /// Every instruction set of this machine, best first.
    pub fn available() -> Vec<Isa> {
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let wide = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            let fused = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if wide && fused {
                found.push(Isa::Avx512);
            }
            if fused {
                found.push(Isa::Avx2);
            }
        }
        #[cfg(target_arch = "aarch64")]
        found.push(Isa::Neon);
        found.push(Isa::Portable);
        found
    }

    /// The name that `IMPASTO_ISA` takes.
    pub fn name(self) -> &'static str {
        match self {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => "avx2",
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => "neon",
            Isa::Portable => "portable",
        }
    }

    /// The instruction set of this process: the best available, or the one that the environment variable
    /// `IMPASTO_ISA` names if the machine has it.
    pub fn detect() -> Isa {
        static CHOSEN: OnceLock<Isa> = OnceLock::new();
        *CHOSEN.get_or_init(|| {
            let available = Isa::available();
            let wanted = std::env::var("IMPASTO_ISA").unwrap_or_default();
            *available.iter().find(|isa| isa.name() == wanted).unwrap_or(&available[0])
        })
    }

    /// Runs a kernel compiled for this instruction set.
    ///
    /// # Safety
    /// The kernel's pointers must be valid. The instruction set is: values of this type are only made by detection.
    pub(crate) unsafe fn run<K: Kernel>(self, kernel: K) -> K::Output {
        // SAFETY: `available` found the instruction set on this machine; the pointers are the caller's promise.
        unsafe {
            match self {
                #[cfg(target_arch = "x86_64")]
                Isa::Avx512 => simd::avx512::run(kernel),
                #[cfg(target_arch = "x86_64")]
                Isa::Avx2 => simd::avx2::run(kernel),
                #[cfg(target_arch = "aarch64")]
                Isa::Neon => simd::neon::run(kernel),
                Isa::Portable => simd::portable::run(kernel),
            }
        }
    }
}
