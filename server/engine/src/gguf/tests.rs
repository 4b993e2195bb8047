//! Every way a file can be broken, each as the bytes of a small file and the message it must give.

use candle_core::quantized::GgmlDType;
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::GgufFile;
use super::testing::GgufBuilder;
use crate::EngineError;

fn sample() -> GgufBuilder {
    GgufBuilder::new()
        .str("general.architecture", "llama")
        .u32("llama.block_count", 2)
        .f32("eps", 0.5)
        .bool("flag", true)
        .raw("small", 1, &[0xff])
        .strings("tokens", &["a", "", "ü"])
        .i32s("types", &[1, 2, 3])
        .i32s("negative", &[-1])
        .f32s("scores", &[0.0, -1.5])
        .tensor("a", &[32, 2], GgmlDType::Q8_0, &[0.25; 64])
        .tensor("b", &[4], GgmlDType::F32, &[1.0, 2.0, 3.0, 4.0])
}

fn read(bytes: Vec<u8>) -> Result<GgufFile, EngineError> {
    GgufFile::from_bytes(bytes.leak())
}

fn check(bytes: Vec<u8>, expected: Expect) {
    expected.assert_eq(&format!("{:?}", read(bytes).expect_err("the file is broken")));
}

/// The sample with bytes replaced, found by what stands there.
fn patched(builder: &GgufBuilder, from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = builder.build();
    let at = bytes.windows(from.len()).position(|window| window == from).expect("the bytes to patch are there");
    bytes[at..at + to.len()].copy_from_slice(to);
    bytes
}

#[test]
fn a_sound_file_is_read() {
    let file = sample().open();
    let metadata = file.metadata();
    assert_eq!(metadata.str("general.architecture"), Some("llama"));
    assert_eq!(metadata.u32("llama.block_count"), Some(2));
    assert_eq!(metadata.u64("llama.block_count"), Some(2));
    assert_eq!(metadata.f32("eps"), Some(0.5));
    assert_eq!(metadata.bool("flag"), Some(true));
    assert_eq!(metadata.u32("small"), None, "-1 is no u32");
    assert_eq!(metadata.strings("tokens"), Some(vec!["a", "", "ü"]));
    assert_eq!(metadata.u32s("types"), Some(vec![1, 2, 3]));
    assert_eq!(metadata.u32s("negative"), None);
    assert_eq!(metadata.f32s("scores"), Some(vec![0.0, -1.5]));
    assert_eq!(metadata.str("eps"), None, "another kind");
    assert_eq!(metadata.str("missing"), None);

    let tensor = file.tensor("b").expect("b is there");
    assert_eq!(tensor.dimensions(), [4]);
    assert_eq!(file.data(tensor)[..], [1f32, 2.0, 3.0, 4.0].map(f32::to_le_bytes).concat());
    assert_eq!(file.tensor("a").expect("a is there").elements(), 64);
    assert_eq!(file.parameters(), 68);
    assert_eq!(file.quantization(), "Q8_0");
    assert!(file.tensor("c").is_none());
}

#[test]
fn opening_maps_the_file() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("model.gguf");
    std::fs::write(&path, sample().build()).expect("the folder is writable");
    assert_eq!(GgufFile::open(&path).expect("sound").parameters(), 68);

    std::fs::write(&path, b"").expect("the folder is writable");
    assert!(matches!(GgufFile::open(&path), Err(EngineError::BadModelFile(_))));
    let missing = GgufFile::open(&dir.path().join("missing.gguf")).expect_err("no such file");
    assert!(missing.to_string().contains("cannot read the model file"), "{missing}");
}

#[test]
fn misaligned_bytes_are_copied() {
    let mut bytes = vec![0];
    bytes.extend(sample().build());
    let file = GgufFile::from_bytes(&bytes.leak()[1..]).expect("sound");
    let tensor = file.tensor("a").expect("a is there");
    assert!(file.data(tensor).as_ptr().addr().is_multiple_of(32));
}

#[test]
fn wrong_starts() {
    check(vec![], expect![[r#"BadModelFile("the file has only 0 bytes and is no GGUF file; download it again")"#]]);
    check(
        b"PK\x03\x04 zip".to_vec(),
        expect![[r#"BadModelFile("this is no GGUF file: it starts with \"PK\\x03\\x04\" instead of \"GGUF\"")"#]],
    );
    check(
        b"tjgg rest".to_vec(),
        expect![[r#"BadModelFile("this is a file of the old GGML format; convert it to GGUF first")"#]],
    );
    check(
        b"GGUF\x01\0\0\0".to_vec(),
        expect![[r#"BadModelFile("GGUF version 1 is obsolete; convert the model again with a current converter")"#]],
    );
    check(
        b"GGUF\0\0\0\x03".to_vec(),
        expect![[r#"BadModelFile("this is a big-endian GGUF file; get the little-endian one")"#]],
    );
    check(b"GGUF\x09\0\0\0".to_vec(), expect![[r#"UnsupportedModel("GGUF version 9 is unknown; known are 2 and 3")"#]]);
}

#[test]
fn forged_counts() {
    let header = |tensors: u64, metadata: u64| {
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(tensors.to_le_bytes());
        bytes.extend(metadata.to_le_bytes());
        bytes.resize(bytes.len() + 64, 0);
        bytes
    };
    check(
        header(0, u64::MAX),
        expect![[
            r#"BadModelFile("the header announces 18446744073709551615 metadata entries, but the file has room for 4 at most; it is cut off or damaged, download it again")"#
        ]],
    );
    check(
        header(u64::MAX, 0),
        expect![[
            r#"BadModelFile("the header announces 18446744073709551615 tensors, but the file has room for 2 at most; it is cut off or damaged, download it again")"#
        ]],
    );
    check(
        header(3, 0),
        expect![[
            r#"BadModelFile("the header announces 3 tensors, but the file has room for 2 at most; it is cut off or damaged, download it again")"#
        ]],
    );

    let huge_array = |kind: u32, count: u64| {
        let mut value = kind.to_le_bytes().to_vec();
        value.extend(count.to_le_bytes());
        GgufBuilder::new().raw("tokens", 9, &value).build()
    };
    check(
        huge_array(8, 1 << 40),
        expect![[
            r#"BadModelFile("the header announces 1099511627776 strings in \"tokens\", but the file has room for 1 at most; it is cut off or damaged, download it again")"#
        ]],
    );
    check(
        huge_array(4, 1 << 62),
        expect![[
            r#"BadModelFile("the file is cut off or damaged: the value of \"tokens\" needs 18446744073709551615 bytes at offset 54, but only 10 are left; download it again")"#
        ]],
    );
    check(
        huge_array(9, 1),
        expect![[r#"BadModelFile("the metadata entry \"tokens\" is an array of arrays, which is not read")"#]],
    );
    check(
        huge_array(77, 1),
        expect![[r#"BadModelFile("the metadata entry \"tokens\" has the unknown type 77; the file is damaged")"#]],
    );
}

#[test]
fn broken_metadata() {
    check(
        GgufBuilder::new().raw("key", 99, &[]).build(),
        expect![[r#"BadModelFile("the metadata entry \"key\" has the unknown type 99; the file is damaged")"#]],
    );
    check(
        GgufBuilder::new().u32("key", 1).u32("key", 2).build(),
        expect![[r#"BadModelFile("the metadata entry \"key\" occurs twice; the file is damaged")"#]],
    );
    check(
        GgufBuilder::new().raw("key", 8, &[1, 0, 0, 0, 0, 0, 0, 0, 0xff]).build(),
        expect![[r#"BadModelFile("the value of \"key\" is not UTF-8; the file is damaged, download it again")"#]],
    );
    check(
        GgufBuilder::new().u32("general.alignment", 33).build(),
        expect![[r#"BadModelFile("general.alignment is 33, not a power of two from 8 to 65536")"#]],
    );
}

#[test]
fn broken_tensors() {
    let one =
        |dimensions: &[u64], kind, offset| GgufBuilder::new().raw_tensor_at("w", dimensions, kind, offset).build();
    check(
        one(&[4], 0, 0),
        expect![[
            r#"BadModelFile("the tensor \"w\" (16 bytes at offset 0 of the data) lies outside the file of 64 bytes; it is cut off or damaged, download it again")"#
        ]],
    );
    check(
        one(&[4], 0, 1 << 40),
        expect![[
            r#"BadModelFile("the tensor \"w\" (16 bytes at offset 1099511627776 of the data) lies outside the file of 64 bytes; it is cut off or damaged, download it again")"#
        ]],
    );
    check(
        one(&[4], 0, u64::MAX - 31),
        expect![[
            r#"BadModelFile("the tensor \"w\" (16 bytes at offset 18446744073709551584 of the data) lies outside the file of 64 bytes; it is cut off or damaged, download it again")"#
        ]],
    );
    check(
        one(&[0], 0, 8),
        expect![[
            r#"BadModelFile("the tensor \"w\" starts at 8, which is not aligned to 32 bytes; the file is damaged")"#
        ]],
    );
    check(
        one(&[33], 8, 0),
        expect![[
            r#"BadModelFile("the rows of the tensor \"w\" have 33 values, not a multiple of the block size 32 of its type")"#
        ]],
    );
    check(
        one(&[1 << 40, 1 << 40], 0, 0),
        expect![[
            r#"BadModelFile("the tensor \"w\" has the absurd shape [1099511627776, 1099511627776]; the file is damaged")"#
        ]],
    );
    check(
        one(&[1, 1, 1, 1, 1], 0, 0),
        expect![[r#"BadModelFile("the tensor \"w\" has 5 dimensions, more than 4; the file is damaged")"#]],
    );
    check(
        one(&[256], 19, 0),
        expect![[
            r#"UnsupportedModel("the tensor \"w\" has the type IQ1_S, which is not supported; get the model as Q4_K_M, Q5_K_M, Q6_K, Q8_0 or F16")"#
        ]],
    );
    check(
        one(&[256], 1000, 0),
        expect![[
            r#"UnsupportedModel("the tensor \"w\" has the unknown type 1000; get the model as Q4_K_M, Q5_K_M, Q6_K, Q8_0 or F16")"#
        ]],
    );
    check(
        sample().raw_tensor("a", &[1], 0, &[0; 4]).build(),
        expect![[r#"BadModelFile("two tensors have the name \"a\"")"#]],
    );
    check(
        GgufBuilder::new().raw_tensor("v", &[16], 0, &[0; 64]).raw_tensor_at("w", &[1], 0, 32).build(),
        expect![[
            r#"BadModelFile("the tensors \"v\" and \"w\" lie over each other; the file is damaged, download it again")"#
        ]],
    );
    check(
        patched(&sample(), b"\x04\0\0\0\0\0\0\0\0\0\0\0", b"\xff\0\0\0\0\0\0\0"),
        expect![[
            r#"BadModelFile("the tensor \"b\" (1020 bytes at offset 96 of the data) lies outside the file of 528 bytes; it is cut off or damaged, download it again")"#
        ]],
    );
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = sample().build();
    for len in 0..bytes.len() {
        let error = read(bytes[..len].to_vec()).expect_err("a part of a file is no file");
        assert!(matches!(error, EngineError::BadModelFile(_)), "{error:?}");
    }
}

proptest! {
    #[test]
    fn mutations_never_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = sample().build();
        for (index, value) in edits {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok(file) = read(bytes) {
            for tensor in file.tensors() {
                prop_assert!(file.data(tensor).len() <= 1 << 20);
            }
            for key in ["tokens", "types", "scores", "general.architecture"] {
                let metadata = file.metadata();
                let _ = (metadata.strings(key), metadata.u32s(key), metadata.f32s(key), metadata.str(key));
            }
        }
    }
}
