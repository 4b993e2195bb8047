//! Rewrites a GGUF file with its matrices in K-quants, as the name Q4_K_M stands for: for the models that we train
//! ourselves (`server/builtin/training`), whose Python exporter has no K-quants.
//!
//! ```text
//! quantize IN.gguf OUT.gguf
//! ```
//! Matrices become Q4_K. Q6_K is for the output layer (the token embedding where it serves as one) and for the values and
//! the way down of the first and last eighth of the layers and each third one between, where an error costs most. Vectors
//! stay as they are. IN should hold more bits than Q8_0. There is no importance matrix: the weights alone are looked at.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};

use candle_core::Device;
use candle_core::quantized::gguf_file::{self, Content, Value};
use candle_core::quantized::{GgmlDType, QTensor};

/// The number of Q4_K_M in `general.file_type`.
const FILE_TYPE: u32 = 15;

/// Whether this layer keeps six bits where it matters.
fn is_sensitive(layer: usize, layers: usize) -> bool {
    layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2
}

/// The type that a matrix gets.
fn matrix_type(name: &str, layers: usize, tied: bool) -> GgmlDType {
    if name == "output.weight" || tied && name == "token_embd.weight" {
        return GgmlDType::Q6K;
    }
    let layer = name.strip_prefix("blk.").and_then(|rest| rest.split_once('.'));
    match layer.map(|(layer, part)| (layer.parse(), part)) {
        Some((Ok(layer), "attn_v.weight" | "ffn_down.weight")) if is_sensitive(layer, layers) => GgmlDType::Q6K,
        _ => GgmlDType::Q4K,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [input, output] = paths.as_slice() else { return Err("usage: quantize IN.gguf OUT.gguf".into()) };
    let mut file = BufReader::new(File::open(input)?);
    let content = Content::read(&mut file)?;
    let architecture = content.metadata.get("general.architecture").ok_or("the file names no architecture")?;
    let layers = format!("{}.block_count", architecture.to_string()?);
    let layers = content.metadata.get(&layers).ok_or("the file has no number of layers")?.to_u32()? as usize;
    let tied = !content.tensor_infos.contains_key("output.weight");

    let mut tensors = BTreeMap::new();
    for name in content.tensor_infos.keys() {
        let tensor = content.tensor(&mut file, name, &Device::Cpu)?;
        let tensor = match tensor.shape().dims() {
            [_, columns] if columns % 256 == 0 => {
                QTensor::quantize(&tensor.dequantize(&Device::Cpu)?, matrix_type(name, layers, tied))?
            }
            [_, columns] => return Err(format!("{name}: rows of {columns}; K-quants need multiples of 256").into()),
            _ => tensor,
        };
        tensors.insert(name.as_str(), tensor);
    }

    let mut metadata: BTreeMap<_, _> = content.metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
    let file_type = Value::U32(FILE_TYPE);
    metadata.insert("general.file_type", &file_type);
    let metadata: Vec<_> = metadata.into_iter().collect();
    let listed: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, tensor)).collect();
    let mut out = BufWriter::new(File::create(output)?);
    gguf_file::write(&mut out, &metadata, &listed)?;
    out.flush()?;
    let size = std::fs::metadata(output)?.len();
    writeln!(std::io::stdout(), "{output}: {} tensors, {size} bytes", listed.len())?;
    Ok(())
}
