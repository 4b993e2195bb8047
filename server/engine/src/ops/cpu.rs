//! What this machine's processor can do, asked once, and plain code compiled for it.

/// True where the AVX2 code may run: AVX2, fused multiply-add and half-precision conversion.
#[cfg(target_arch = "x86_64")]
pub(super) fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("fma")
        && std::arch::is_x86_feature_detected!("f16c")
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
