//! The built-in model: the bytes of its GGUF file, embedded. How it was trained and how well it does
//! stands in `MODEL_CARD.md`; how to train it again in `training/`. Knows nothing of how a model is run.

/// Name of the built-in model.
pub const NAME: &str = "ropewalk-builtin";

/// The GGUF file. Tensors are read where they lie, so the image begins where the strictest of them may.
pub static GGUF: &[u8] = &IMAGE.0;

/// Bytes at an address that suits any vector register; GGUF's own alignment is 32.
#[repr(C, align(64))]
struct Aligned<Bytes: ?Sized>(Bytes);

static IMAGE: &Aligned<[u8]> = &Aligned(*include_bytes!("../ropewalk-builtin.gguf"));

#[cfg(test)]
mod tests {
    use super::GGUF;

    #[test]
    fn the_image_is_a_gguf_file_at_an_aligned_address() {
        assert!(GGUF.starts_with(b"GGUF"));
        assert_eq!(GGUF.as_ptr().addr() % 64, 0);
    }
}
