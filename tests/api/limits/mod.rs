//! What one request may cost, and how faults of the input are told.

mod bodies;
mod costs;
mod references;
mod wire;
