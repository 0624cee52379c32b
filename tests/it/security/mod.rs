//! Tests of the promises in docs/security.md that no feature's tests cover.

mod doors;
mod logs;
mod ownership;
mod responses;
mod sign_in;
mod start;
mod statements;
mod table;
mod tokens;
