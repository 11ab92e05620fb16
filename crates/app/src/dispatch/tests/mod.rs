//! Tables and plans of the command line; rounds on both databases, as their people use them.

mod approval;
mod pages;
mod plans;
mod pool;
mod tables;
