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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;
    use futures_util::future::join_all;
    use std::cell::Cell;
    use std::rc::Rc;
    use tokio::task::yield_now;

    /// What is asked for, and how often it was.
    #[derive(Default)]
    struct Source {
        value: Cell<u64>,
        queries: Cell<u64>,
    }

    async fn looked_up(source: Rc<Source>) -> Result<u64> {
        source.queries.set(source.queries.get() + 1);
        yield_now().await;
        let value = source.value.get();
        yield_now().await;
        Ok(value)
    }

    /// Whenever anybody asks, and whoever gives up meanwhile.
    #[tokio::test]
    async fn no_answer_is_older_than_its_question() {
        let (source, joined) = (Rc::new(Source::default()), Joined::default());
        let askers = (0..200_usize).map(|number| {
            let (source, joined) = (&source, &joined);
            async move {
                for _ in 0..number % 23 {
                    yield_now().await;
                }
                source.value.set(source.value.get() + 1);
                let before = source.value.get();
                let asked = joined.ask(|| looked_up(source.clone()));
                if number % 7 == 0 {
                    // Polled once, and dropped.
                    assert!(asked.now_or_never().is_none());
                    return;
                }
                let answer = asked.await.expect("an answer");
                assert!(answer >= before, "{number}: {answer} for {before}");
            }
        });
        join_all(askers).await;
        let queries = source.queries.get();
        assert!(queries < 40, "{queries} queries");
        assert!(queries > 5, "{queries} queries");
    }

    #[tokio::test]
    async fn a_query_that_fails_fails_for_nobody_else() {
        let joined = Joined::default();
        let failing = Cell::new(true);
        let ask = || {
            let fails = failing.replace(false);
            async move {
                yield_now().await;
                if fails { Err(Problem::not_found()) } else { Ok(1) }
            }
        };
        let answers = join_all((0..5).map(|_| joined.ask(ask))).await;
        assert!(answers.into_iter().all(|answer| matches!(answer, Ok(1))));
        failing.set(true);
        let always = || async { Err::<u64, _>(Problem::not_found()) };
        assert!(joined.ask(always).await.is_err());
    }
}
