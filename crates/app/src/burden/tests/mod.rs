//! Rules by table, the store on both databases, the pages by named people, and the search for a nameless complainer.

mod linkage;
mod meter;
mod pages;
mod rules;
