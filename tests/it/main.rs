//! Integration tests, in one binary: they drive the program through its public doors.

mod api;
mod architecture;
mod browser_door;
mod command_line;
mod journeys;
mod static_files;
mod store_contract;
mod support;
mod tokens;
