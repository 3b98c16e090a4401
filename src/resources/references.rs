//! Which records a body may refer to: those that its caller sees.

use super::{meetings, schemes, suggestions};
use crate::clock::shanghai_day;
use crate::http::references::Asked;
use crate::http::referent::Referent;
use crate::policy::Op;
use crate::problem::Result;
use crate::resources::reporting::reports as work_reports;
use futures_util::future::LocalBoxFuture;
use std::collections::HashSet;
use uuid::Uuid;

pub fn resolve(asked: Asked) -> LocalBoxFuture<'static, Result<HashSet<Uuid>>> {
    Box::pin(async move { seen(&asked).await })
}

async fn seen(asked: &Asked) -> Result<HashSet<Uuid>> {
    let Asked {
        worker,
        caller,
        directory,
        now,
        to,
        ids,
        within,
    } = asked;
    let conn = worker.reads.get().await?;
    let today = shanghai_day(*now);
    let mut found = HashSet::new();
    match to {
        Referent::Suggestion => {
            let seen = suggestions::found::linked(&conn, caller, directory, today, (ids, &[])).await?;
            found.extend(seen.iter().map(|one| one.head.id));
        }
        Referent::WorkReport => {
            let seen = work_reports::links::seen(&conn, caller, ids, directory, today).await?;
            found.extend(seen.iter().map(|one| one.row.id));
        }
        Referent::Meeting => {
            for id in ids {
                let meeting = meetings::links::find(&conn, caller, *id, (&**directory, *now)).await?;
                found.extend(meeting.map(|meeting| meeting.row.id));
            }
        }
        Referent::Invitation => {
            if let Some(id) = within {
                let meeting = meetings::links::find(&conn, caller, *id, (&**directory, *now)).await?;
                let invitations = meeting.into_iter().flat_map(|meeting| meeting.invitations);
                found.extend(invitations.map(|one| one.row.id));
            }
        }
        Referent::Scheme => {
            let reach = Op::GetScheme.reach(caller);
            let visible = |id: &&Uuid| schemes::policy::visible(directory, reach, **id).is_some();
            found.extend(ids.iter().filter(visible));
        }
        // Organizations stand in the directory.
        _ => {}
    }
    Ok(found)
}
