//! 三(三), 三(四)1, 三(四)2: meetings and other liaison activities, of a kind each, held or in writing.
//!
//! `draft` → `convened` → `held` → `concluded`, or `cancelled` before it is held; what goes in writing is concluded without being
//! held. Held by one or more departments, or by 市委统战部; any host acts. A draft exists for its hosts alone; what is
//! convened is seen by hosts, by whoever is invited, by who has a follow-up of it to do, and by the two offices. Who is
//! invited, what they say and who came stands in `meeting_invitations`, `meeting_opinions`, `meeting_minutes` and
//! `meeting_follow_ups`; all but the last share the meeting's version.

pub mod attendance;
pub mod conflicts;
pub mod content;
pub mod draft;
pub mod feeds;
pub mod follow_ups;
pub mod found;
pub mod invitations;
pub mod links;
pub mod minutes;
pub mod model;
pub mod opinions;
pub mod parts;
pub mod policy;
pub mod queries;
pub mod record;
pub mod routes;
pub mod states;
pub mod steps;
pub mod table;
pub mod tell;
pub mod writes;
