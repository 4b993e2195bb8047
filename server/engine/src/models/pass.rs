//! One forward pass on its way through the blocks: the rows of all spans one after the other, and the buffers that
//! blocks write to, kept from one pass to the next.

use super::layer::{GatedMlp, Mlp, Projection, Qkv, project};
use crate::model::Span;
use crate::ops::{Activations, Angles, AttentionShape, Linear, Part, Rope, add, attention};

/// Everything a pass writes to. A row is a token; rows of all spans follow each other.
#[derive(Default)]
pub(super) struct Pass {
    /// The residual stream, `(rows, width)`.
    pub(super) x: Vec<f32>,
    /// What the next product reads, `(rows, its inputs)`.
    pub(super) input: Activations,
    /// Queries, `(rows, heads, head_size)`.
    pub(super) q: Vec<f32>,
    /// Keys, `(rows, kv_heads, head_size)`.
    pub(super) k: Vec<f32>,
    /// Values, likewise.
    pub(super) v: Vec<f32>,
    pub(super) gate: Vec<f32>,
    pub(super) up: Vec<f32>,
    /// What a half-block adds to the residual stream, `(rows, width)`.
    pub(super) delta: Vec<f32>,
    /// One for each of the family's ropes.
    angles: Vec<Angles>,
    /// The rows of each span that are still computed.
    parts: Vec<Part>,
    /// How many of them leave the last block.
    wanted: Vec<usize>,
    n_layers: usize,
}

impl Pass {
    pub(super) fn new(n_layers: usize) -> Self {
        Self { n_layers, ..Self::default() }
    }

    /// Begins a pass over these spans; their tokens are embedded next.
    pub(super) fn start(&mut self, spans: &[Span<'_>], ropes: &[Rope]) {
        self.parts.clear();
        self.wanted.clear();
        for span in spans {
            self.parts.push(Part { position: span.sequence.len(), rows: span.tokens.len() });
            self.wanted.push(span.wanted);
        }
        self.angles.resize_with(ropes.len(), Angles::default);
        for (rope, angles) in ropes.iter().zip(&mut self.angles) {
            rope.angles(positions(&self.parts), angles);
        }
    }

    /// Adds to each row what was learned for its position, a row of `table`, `(positions, width)`.
    pub(super) fn add_positions(&mut self, table: &Linear) {
        let width = table.inputs();
        self.delta.resize(width, 0.0);
        for (x, position) in self.x.chunks_exact_mut(width).zip(positions(&self.parts)) {
            table.row(position, &mut self.delta); // (width)
            add(x, &self.delta);
        }
    }

    /// Turns queries and keys by one of the family's ropes.
    pub(super) fn rope(&mut self, ropes: &[Rope], index: usize, shape: AttentionShape) {
        let (rope, angles) = (&ropes[index], &self.angles[index]);
        rope.apply(angles, &mut self.q, shape.heads, shape.head_size);
        rope.apply(angles, &mut self.k, shape.kv_heads, shape.head_size);
    }

    /// Takes keys and values into the sequences and leaves attention's result in `input`, `(rows, heads, head_size)`.
    ///
    /// In the last block only the rows whose logits are wanted go on: nobody reads what the others would become.
    pub(super) fn attend(&mut self, layer: usize, shape: AttentionShape, spans: &mut [Span<'_>]) {
        let width = shape.kv_heads * shape.head_size;
        let mut row = 0;
        for span in &mut *spans {
            let rows = row * width..(row + span.tokens.len()) * width;
            span.sequence.store(layer, &self.k[rows.clone()], &self.v[rows]);
            row += span.tokens.len();
        }
        if layer + 1 == self.n_layers {
            self.keep_wanted();
        }
        let rows = self.parts.iter().map(|part| part.rows).sum();
        let out = self.input.start(rows, shape.heads * shape.head_size);
        let spans = &*spans;
        attention(&self.q, &self.parts, |index| &*spans[index].sequence, layer, shape, out);
    }

    fn keep_wanted(&mut self) {
        let rows: usize = self.parts.iter().map(|part| part.rows).sum();
        for buffer in [&mut self.x, &mut self.q] {
            let width = buffer.len() / rows;
            let (mut from, mut to) = (0, 0);
            for (part, wanted) in self.parts.iter().zip(&self.wanted) {
                from += part.rows;
                buffer.copy_within((from - wanted) * width..from * width, to * width);
                to += wanted;
            }
            buffer.truncate(to * width);
        }
        for (part, wanted) in self.parts.iter_mut().zip(&self.wanted) {
            *part = Part { position: part.position + part.rows - wanted, rows: *wanted };
        }
    }

    /// Queries, keys and values of `input`.
    pub(super) fn project(&mut self, Qkv { q, k, v }: &Qkv) {
        project(&mut self.input, [(q, &mut self.q), (k, &mut self.k), (v, &mut self.v)]);
    }

    /// Leaves in `delta` what a feed-forward part without a gate makes of `input`.
    pub(super) fn mlp(&mut self, Mlp { up, down }: &Mlp, activation: fn(&[f32], &mut [f32])) {
        up.forward(&mut self.input, &mut self.up); // (rows, hidden)
        let hidden = up.weight.outputs();
        activation(&self.up, self.input.start(self.up.len() / hidden, hidden)); // (rows, hidden)
        down.forward(&mut self.input, &mut self.delta); // (rows, width)
    }

    /// Leaves in `delta` what a feed-forward part with a gate makes of `input`; `activation` gets the gate's values and
    /// those that it lets through.
    pub(super) fn gated_mlp(
        &mut self,
        GatedMlp { gate, up, down }: &GatedMlp,
        activation: fn(&[f32], &[f32], &mut [f32]),
    ) {
        project(&mut self.input, [(gate, &mut self.gate), (up, &mut self.up)]); // (rows, hidden)
        let hidden = gate.weight.outputs();
        activation(&self.gate, &self.up, self.input.start(self.gate.len() / hidden, hidden)); // (rows, hidden)
        down.forward(&mut self.input, &mut self.delta); // (rows, width)
    }

    /// Adds what a projection makes of `input` to the residual stream.
    pub(super) fn add_projected(&mut self, projection: &Projection) {
        projection.forward(&mut self.input, &mut self.delta); // (rows, width)
        self.add_delta();
    }

    /// Adds `delta` to the residual stream.
    pub(super) fn add_delta(&mut self) {
        add(&mut self.x, &self.delta);
    }
}

/// Positions of the rows, each in its sequence.
fn positions(parts: &[Part]) -> impl Iterator<Item = usize> {
    parts.iter().flat_map(|part| part.position..part.position + part.rows)
}
