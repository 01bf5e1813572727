//! What the tools that make clusters and change them as a whole propose, and what comes of it: through the host's own gate, dry run,
//! policy and approval.

mod create;
mod delete;
mod every;
mod fleet;
mod hibernate;
mod promote;
mod resize;
mod restart;
mod scale;
mod upgrade;
