//! Integration tests through the public interfaces, in one binary.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod account_page;
mod api;
mod architecture;
mod browser_door;
mod budgets;
mod command_line;
mod counts;
mod drill;
mod error_pages;
mod island_calls;
mod journeys;
mod limits;
mod long_list;
mod metrics;
mod moves;
mod operator_commands;
mod passwords;
mod plain_http;
mod registration;
mod replicas;
mod rotation;
mod security;
mod sent_forms;
mod served;
mod sessions;
mod several;
mod static_files;
mod stopping;
mod store_contract;
mod support;
mod trash;
mod undo;
mod upkeep;
mod well_known;
mod without_scripting;
