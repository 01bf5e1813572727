//! What every API server must answer alike: checks against either server.
