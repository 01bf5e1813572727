//! End to end. Modules are named after the real part that they need, which is how `cargo xtask test` leaves one out and counts it.

#[cfg(test)]
mod asking;
#[cfg(test)]
mod attack;
#[cfg(test)]
mod beforehand;
#[cfg(test)]
mod broken_state;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod client;
#[cfg(test)]
mod cluster;
#[cfg(test)]
mod cnpg;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod hostile_changes;
#[cfg(test)]
mod inspector;
#[cfg(test)]
mod library;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod optimised;
#[cfg(test)]
mod postgresql;
#[cfg(test)]
mod python;
#[cfg(test)]
mod real;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod reloading;
#[cfg(test)]
mod session;
#[cfg(test)]
mod sim;
#[cfg(test)]
mod stable;
