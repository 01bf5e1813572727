//! What the tools that make clusters and change them as a whole propose, and what comes of it: through the host's own gate, dry run,
//! policy and approval.

#[path = "lifecycle/create.rs"]
mod create;
#[path = "lifecycle/every.rs"]
mod every;
#[path = "lifecycle/fleet.rs"]
mod fleet;
#[path = "lifecycle/scale.rs"]
mod scale;
