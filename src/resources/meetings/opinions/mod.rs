//! 三(三) 重大事项决策前咨询、通报: what each invited party says to a matter before it is decided, the hosts' answer to each
//! (`adopted`, `partly_adopted`, `not_adopted`, with a reason), and the decision as it was made.
//!
//! Opinions are taken until the consultation is concluded, also after the day until which they were asked for and after the
//! decision: both are visible then. A party sees its own opinion and the answer to it, and no other's; hosts and the two
//! offices see all.

pub mod model;
pub mod routes;
pub mod steps;
pub mod timing;
