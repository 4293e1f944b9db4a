//! What screens and the command line ask. Every query about people or figures is asked on behalf of an actor by the
//! client, which checks access first; none of them answers "all" without a bound.

pub mod correction;
pub mod counted;
pub mod figure;
pub mod goal;
pub mod note;
pub mod order;
pub mod org;
pub mod plan;
