//! image-builder
