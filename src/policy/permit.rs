//! The leave to carry out one operation on one thing. Queries that write take it by value or reference, and only the check here
//! makes one: to forget the check does not compile.

use super::caller::Caller;
use super::matrix::{Op, Reach};
use crate::problem::{Code, Problem, Result};
use std::marker::PhantomData;
use std::sync::Arc;

/// An operation as a type; the matrix makes one for each of its rows.
pub trait Operation {
    const OP: Op;
}

/// What the policy has to know of a thing: whether a caller's reach takes it in.
pub trait Governed {
    fn within(&self, caller: &Caller, reach: Reach) -> bool;
}

/// Proof that the caller may carry out `O`.
pub struct Permit<O> {
    caller: Arc<Caller>,
    operation: PhantomData<O>,
}

impl<O: Operation> Permit<O> {
    pub fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }

    pub fn operation(&self) -> Op {
        O::OP
    }

    fn grant(caller: &Arc<Caller>) -> Self {
        Self {
            caller: caller.clone(),
            operation: PhantomData,
        }
    }
}

impl Caller {
    /// Leave to carry out `O` on a thing that the caller may see; 403 where its reach ends before it.
    pub fn permit<O: Operation>(self: &Arc<Self>, thing: &impl Governed) -> Result<Permit<O>> {
        let reach = O::OP.reach(self);
        if reach == Reach::Never {
            return Err(Problem::new(Code::RoleNotAllowed));
        }
        if reach == Reach::Any || thing.within(self, reach) {
            return Ok(Permit::grant(self));
        }
        Err(Problem::new(Code::NotYours))
    }

    /// Leave for an operation that the matrix gives without regard to one thing, such as a creation.
    pub fn permit_any<O: Operation>(self: &Arc<Self>) -> Result<Permit<O>> {
        match O::OP.reach(self) {
            Reach::Any => Ok(Permit::grant(self)),
            _ => Err(Problem::new(Code::RoleNotAllowed)),
        }
    }
}
