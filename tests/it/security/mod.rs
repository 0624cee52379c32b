//! The promises of docs/security.md, by their ids, where the feature's own tests don't hold them already.

mod doors;
mod logs;
mod ownership;
mod responses;
mod sign_in;
mod start;
mod statements;
mod table;
mod tokens;
