mod accounts;
mod keepers;
mod me;
mod sign_in;
mod store;
