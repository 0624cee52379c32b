//! The REST API under `/api/v1`: bearer tokens and JSON. Knows no cookie and no page; may import `domain`, `contract`,
//! `identity` and `store`, and what stands beside this folder as far as `tests/it/architecture.rs` lists it.

mod bearer;
mod docs;
mod error;
mod json;
mod me;
mod paging;
mod preconditions;
mod problem_type;
mod refusal;
mod router;
mod state;
mod todos;
mod token;
mod trash;
mod wire;

pub use self::{
    error::Code,
    problem_type::{ProblemText, ProblemType},
    router::router,
    state::{Api, MAX_RESTORED, ROOT},
};
