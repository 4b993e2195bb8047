//! Matrices in the memory of a graphics processor, multiplied there by candle's kernels (features `cuda` and `metal`).
//!
//! Products are where a model's time goes; everything else of a pass stays on the CPU, so every family runs this way as
//! it is. Results are not those of our own kernels to the bit, and may differ from one number of rows to another.

use std::borrow::Cow;

use candle_core::quantized::{GgmlDType, QMatMul, QStorage, QTensor};
use candle_core::{Device, Module, Result, Tensor};

/// A graphics processor.
#[derive(Clone, Debug)]
pub(crate) struct Accelerator(Device);

impl Accelerator {
    /// The first one, where this build knows how to use one and the machine has it.
    pub(crate) fn find() -> Option<Self> {
        let device = if candle_core::utils::cuda_is_available() {
            Device::new_cuda(0)
        } else if candle_core::utils::metal_is_available() {
            Device::new_metal(0)
        } else {
            return None;
        };
        match device {
            Ok(device) => Some(Self(device)),
            Err(error) => {
                tracing::warn!(%error, "the graphics processor cannot be used; the model runs on the CPU");
                None
            }
        }
    }

    /// The CPU in its place, so that the way there and back can be tested anywhere.
    #[cfg(test)]
    pub(crate) fn stand_in() -> Self {
        Self(Device::Cpu)
    }

    /// Copies a matrix of `outputs` rows with `inputs` values each, in the layout of its file.
    ///
    /// # Errors
    /// When the device has no memory left.
    pub(super) fn upload(
        &self,
        weights: &[u8],
        dtype: GgmlDType,
        inputs: usize,
        outputs: usize,
    ) -> Result<DeviceMatrix> {
        let storage = QStorage::from_data(Cow::Borrowed(weights), &self.0, dtype)?;
        let weights = QMatMul::from_qtensor(QTensor::new(storage, (outputs, inputs))?)?;
        Ok(DeviceMatrix { weights, device: self.0.clone(), inputs })
    }
}

/// A matrix on a device.
#[derive(Debug)]
pub(super) struct DeviceMatrix {
    weights: QMatMul,
    device: Device,
    inputs: usize,
}

impl DeviceMatrix {
    /// Multiplies rows of `inputs` values; `out` gets a row of outputs for each.
    ///
    /// # Errors
    /// When the device fails.
    pub(super) fn forward(&self, x: &[f32], out: &mut [f32]) -> Result<()> {
        let x = Tensor::from_slice(x, (x.len() / self.inputs, self.inputs), &self.device)?;
        let product = self.weights.forward(&x)?.flatten_all()?.to_vec1::<f32>()?; // (rows, outputs)
        out.copy_from_slice(&product);
        Ok(())
    }
}
