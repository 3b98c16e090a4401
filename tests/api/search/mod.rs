//! Full text: how texts and questions are made, and what is found among documents.

mod documents;
mod folding;
mod texts;
