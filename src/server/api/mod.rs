//! The REST API under `/api/v1`: bearer tokens and JSON, no cookies and no pages. It may import `domain`, `contract`, `identity`,
//! `store` and the sibling modules that `tests/it/architecture.rs` lists.

mod batch;
mod bearer;
mod docs;
mod error;
mod json;
mod me;
mod paging;
mod preconditions;
mod preference;
mod problem_type;
mod refusal;
mod router;
mod state;
mod tags;
mod todos;
mod token;
mod trash;
mod wire;

pub use self::{
    error::Code,
    problem_type::{ProblemText, ProblemType},
    router::{contains, service},
    state::{Api, MAX_ADDED_BYTES, MAX_RESTORED, ROOT},
};
