//! Clusters that are not there, refuse, lie or break off: each is a failure of that call with its kind and the next step, and
//! the host answers the next one.

mod connecting;
mod grants;
mod masking;
mod refusing;
