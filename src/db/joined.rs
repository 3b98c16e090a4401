//! One query for all who ask the same at the same time. Nobody gets an answer that is older than the question: a query that may
//! have begun is joined by none, so that under load there are two, one under way and one that waits with all who came since.

use crate::problem::Result;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};
use std::cell::RefCell;
use std::future::Future;

/// None where the query failed.
type Answer<T> = Shared<LocalBoxFuture<'static, Option<T>>>;

/// What is asked by one worker.
pub struct Joined<T: Clone>(RefCell<Turns<T>>);

struct Turns<T: Clone> {
    under_way: Option<Answer<T>>,
    /// Begins when the one before has ended, and not earlier.
    next: Option<Answer<T>>,
}

impl<T: Clone> Default for Joined<T> {
    fn default() -> Self {
        Self(RefCell::new(Turns {
            under_way: None,
            next: None,
        }))
    }
}

impl<T: Clone + 'static> Joined<T> {
    /// The answer of a query that begins now or later.
    ///
    /// # Errors
    /// The query's.
    pub async fn ask<F>(&self, query: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>> + 'static,
    {
        let answer = self.turn(&query);
        match answer.await {
            Some(answer) => Ok(answer),
            // The fault of a query is told to one alone: each learns its own.
            None => query().await,
        }
    }

    fn turn<F>(&self, query: impl Fn() -> F) -> Answer<T>
    where
        F: Future<Output = Result<T>> + 'static,
    {
        let ended = |answer: &Option<Answer<T>>| answer.as_ref().is_none_or(|answer| answer.peek().is_some());
        let mut turns = self.0.borrow_mut();
        if ended(&turns.under_way) {
            // It may have begun since.
            turns.under_way = turns.next.take();
        }
        if ended(&turns.under_way) {
            let now = query().map(Result::ok).boxed_local().shared();
            turns.under_way = Some(now.clone());
            return now;
        }
        let before = turns.under_way.clone();
        let next = turns.next.get_or_insert_with(|| {
            let query = query();
            let turn = async {
                if let Some(before) = before {
                    before.await;
                }
                query.await.ok()
            };
            turn.boxed_local().shared()
        });
        next.clone()
    }
}
