//! The real server on a real database file, spoken to over HTTP as everybody else does.

mod bad_input;
mod harness;
mod kill;
mod main_job;
mod sign_in;
