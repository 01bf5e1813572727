//! On a real kube-apiserver: that it is what the tests take it for, and that the host reads it as it should.

mod changes;
mod cnpg;
mod host;
mod impersonation;
mod nodes;
mod rbac;
mod server;
mod velero;
mod webhook;
