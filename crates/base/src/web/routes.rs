//! Routes that declare who may use them. A route without a permission cannot be written down.

use axum::{
    Router,
    extract::Request,
    handler::Handler,
    http::{Extensions, Method},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};

use super::AppError;

/// Decides whether the request may go on; may leave what it found out (the scope) in the extensions.
pub type Admit<P> = fn(&mut Extensions, P) -> Result<(), AppError>;

/// One declared route, as `routes.txt` prints it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Declared<P> {
    pub path: &'static str,
    pub method: &'static str,
    pub permission: P,
}

/// The routes of one capability.
pub struct Routes<S, P> {
    router: Router<S>,
    declared: Vec<Declared<P>>,
    admit: Admit<P>,
}

impl<S, P> Routes<S, P>
where
    S: Clone + Send + Sync + 'static,
    P: Copy + Send + Sync + 'static,
{
    #[must_use]
    pub fn new(admit: Admit<P>) -> Self {
        Self { router: Router::new(), declared: Vec::new(), admit }
    }

    /// A page: reads, changes nothing.
    #[must_use]
    pub fn get<H: Handler<T, S>, T: 'static>(self, path: &'static str, permission: P, handler: H) -> Self {
        self.add(path, &Method::GET, permission, get(handler))
    }

    /// An act: changes something.
    #[must_use]
    pub fn post<H: Handler<T, S>, T: 'static>(self, path: &'static str, permission: P, handler: H) -> Self {
        self.add(path, &Method::POST, permission, post(handler))
    }

    fn add(mut self, path: &'static str, method: &Method, permission: P, route: MethodRouter<S>) -> Self {
        let admit = self.admit;
        let gate = from_fn(move |mut request: Request, next: Next| async move {
            let answer: Response = match admit(request.extensions_mut(), permission) {
                Ok(()) => next.run(request).await,
                Err(error) => error.into_response(),
            };
            answer
        });
        self.router = self.router.route(path, route.layer(gate));
        let method = if *method == Method::GET { "GET" } else { "POST" };
        self.declared.push(Declared { path, method, permission });
        self
    }

    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.declared.extend(other.declared);
        self
    }

    /// The router, and what was declared, for `routes.txt` and the whole-app tests.
    pub fn finish(self) -> (Router<S>, Vec<Declared<P>>) {
        (self.router, self.declared)
    }
}
