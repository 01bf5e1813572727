//! What simcluster promises: the shared suite that the real API server passes too, and what only a simulation can do,
//! such as expiring a token or failing on purpose. Requests go over real connections.

mod client;
mod faults;
mod serving;
mod suite;
mod watching;
mod writing;
