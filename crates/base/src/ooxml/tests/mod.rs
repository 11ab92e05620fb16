mod bounds;
mod documents;
mod workbooks;
