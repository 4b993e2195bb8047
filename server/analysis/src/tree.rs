//! Walking trees without recursion.

