//! House rules: crate edges, file sizes, module docs, the purity wall.
