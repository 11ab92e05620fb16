//! Cells by table; files made by the tests.

mod cells;
mod files;
mod written;
