//! What the images are made of: [`board`] and [`link`], the only places that are unsafe.
#![no_std]

pub mod board;
pub mod entropy;
pub mod life;
pub mod link;
pub mod memory;
pub mod superloop;
pub mod tasks;
