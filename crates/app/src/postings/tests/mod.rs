mod pages;
mod rules;
mod store;
