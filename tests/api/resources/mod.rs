//! By the name of the resource's folder.

mod departments;
