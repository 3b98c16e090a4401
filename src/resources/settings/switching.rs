//! What a switch changes at once: what is asked for from now on is opened, what is no longer asked for waits no longer.

use crate::directory;
use crate::problem::Result;
use crate::resources::liaison_leaders::confirmations as liaison_confirmations;
use crate::resources::reporting::duties as reporting_duties;
use crate::work::Tx;
use crate::workflow::{SwitchKey, timing};

/// In the transaction that has set it.
///
/// # Errors
/// `database_unavailable`.
pub async fn follow(tx: &mut Tx<'_>, key: SwitchKey) -> Result<()> {
    let directory = directory::load(tx.conn).await?;
    let timing = timing::load(tx.conn).await?;
    match key {
        SwitchKey::HalfYearlyReports => reporting_duties::watch::keep(tx, &directory, &timing).await?,
        SwitchKey::QuarterlyConfirmation => {
            liaison_confirmations::watch::keep(tx, &directory, &timing).await?
        }
    };
    Ok(())
}
