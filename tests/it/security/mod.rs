//! The promises of docs/security.md, each by its id; most of the others have their test where the feature has its own.

mod logs;
