//! The list of hostile guests.
