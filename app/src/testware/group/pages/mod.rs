//! The parts that the pages of milestones and plans share.

pub mod members;
pub mod select;
