//! What the tools that make clusters and change them as a whole propose, and what comes of it: through the host's own gate, dry run,
//! policy and approval.

#[path = "lifecycle/create.rs"]
mod create;
#[path = "lifecycle/delete.rs"]
mod delete;
#[path = "lifecycle/every.rs"]
mod every;
#[path = "lifecycle/fleet.rs"]
mod fleet;
#[path = "lifecycle/hibernate.rs"]
mod hibernate;
#[path = "lifecycle/promote.rs"]
mod promote;
#[path = "lifecycle/resize.rs"]
mod resize;
#[path = "lifecycle/restart.rs"]
mod restart;
#[path = "lifecycle/scale.rs"]
mod scale;
#[path = "lifecycle/upgrade.rs"]
mod upgrade;
