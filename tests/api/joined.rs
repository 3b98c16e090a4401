//! Who asks the same at the same time asks once.

use futures_util::FutureExt;
use futures_util::future::join_all;
use liaison::db::joined::Joined;
use liaison::problem::{Problem, Result};
use std::cell::Cell;
use std::rc::Rc;
use tokio::task::yield_now;

/// What is asked for, how often it was, and its own time. A shared query is polled by whoever joins it, so that what it waits for
/// has to be something else than its turn: a clock that goes on once all have had theirs.
#[derive(Default)]
struct Source {
    value: Cell<u64>,
    queries: Cell<u64>,
    clock: Cell<usize>,
}

impl Source {
    async fn until(&self, time: usize) {
        while self.clock.get() < time {
            yield_now().await;
        }
    }
}

async fn looked_up(source: Rc<Source>) -> Result<u64> {
    source.queries.set(source.queries.get() + 1);
    let began = source.clock.get();
    source.until(began + 1).await;
    let value = source.value.get();
    source.until(began + 2).await;
    Ok(value)
}

/// Whenever anybody asks, and whoever gives up meanwhile.
#[tokio::test]
async fn no_answer_is_older_than_its_question() {
    let (source, joined) = (Rc::new(Source::default()), Joined::default());
    let askers = (0..200_usize).map(|number| {
        let (source, joined) = (&source, &joined);
        async move {
            source.until(number % 23).await;
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
        .boxed_local()
    });
    let clock = async {
        for time in 1..100 {
            yield_now().await;
            source.clock.set(time);
        }
    };
    join_all(askers.chain([clock.boxed_local()])).await;
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
