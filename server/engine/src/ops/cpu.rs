//! What this machine's processor can do, asked once, and plain code compiled for it.

/// True where the AVX2 code may run: AVX2, fused multiply-add and half-precision conversion.
#[cfg(target_arch = "x86_64")]
pub(super) fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("fma")
        && std::arch::is_x86_feature_detected!("f16c")
}

/// A set of vector instructions that kernels are written for; later ones are faster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// See [`has_avx2`].
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 with VNNI, as in servers and desktops from Ice Lake and Zen 4 on.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// What every aarch64 processor has.
    #[cfg(target_arch = "aarch64")]
    Neon,
    /// With dot products of bytes, as in Apple's processors, Graviton from the second on and the Raspberry Pi 5.
    #[cfg(target_arch = "aarch64")]
    NeonDot,
}

impl Level {
    /// The levels of this processor.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn here() -> impl Iterator<Item = Self> {
        let avx512 = std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512dq")
            && std::arch::is_x86_feature_detected!("avx512vl")
            && std::arch::is_x86_feature_detected!("avx512vnni");
        [Self::Avx2].into_iter().chain(avx512.then_some(Self::Avx512)).filter(|_| has_avx2())
    }

    /// The levels of this processor.
    #[cfg(target_arch = "aarch64")]
    pub(super) fn here() -> impl Iterator<Item = Self> {
        let dot = std::arch::is_aarch64_feature_detected!("dotprod");
        [Self::Neon].into_iter().chain(dot.then_some(Self::NeonDot))
    }

    /// None that kernels are written for.
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    pub(super) fn here() -> impl Iterator<Item = Self> {
        std::iter::empty()
    }

    /// The fastest level of this processor.
    pub(super) fn best() -> Option<Self> {
        Self::here().last()
    }
}

/// Defines a function whose body is compiled twice: for any processor, and for those with AVX2, chosen at run time.
/// The body is ordinary safe code over slices, written so that the compiler can turn its loops into vector code.
macro_rules! vectorized {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $output:ty)? $body:block) => {
        $(#[$meta])*
        $vis fn $name($($arg: $type),*) $(-> $output)? {
            #[inline(always)]
            fn portable($($arg: $type),*) $(-> $output)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma,f16c")]
                fn wide($($arg: $type),*) $(-> $output)? {
                    portable($($arg),*)
                }
                if crate::ops::cpu::has_avx2() {
                    #[expect(unsafe_code, reason = "code for a processor feature is called after asking for it")]
                    // SAFETY: the features that `wide` is compiled for have just been found.
                    return unsafe { wide($($arg),*) };
                }
            }
            portable($($arg),*)
        }
    };
}

pub(super) use vectorized;
