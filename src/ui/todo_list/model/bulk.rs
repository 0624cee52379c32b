//! Changes of many todos at once.

use super::count::Count;
use crate::contract::{Filter, Scope, TodoView};

/// A change of all todos of a scope, loaded or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulk {
    pub kind: Kind,
    pub scope: Scope,
    /// A sequence number, set by the model.
    pub nth: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Complete,
    Reopen,
    ClearCompleted,
}

impl Bulk {
    /// Whether it changes a todo of its scope: what is out of the way stays so.
    pub fn affects(&self, todo: &TodoView) -> bool {
        todo.completed == (self.kind != Kind::Complete) && (!todo.is_earlier || self.scope.filter == Filter::Completed)
    }

    /// The todos of a count that it changes.
    pub fn affected(&self, Count { active, completed, earlier }: Count) -> Count {
        match self.kind {
            Kind::Complete => Count { active, ..Count::default() },
            _ if self.scope.filter == Filter::Completed => Count { active: 0, completed, earlier },
            _ => Count { completed, ..Count::default() },
        }
    }

    /// The change of a count.
    pub fn apply(&self, count: Count) -> Count {
        let affected = self.affected(count);
        let rest = count.minus(affected);
        match self.kind {
            Kind::Complete => Count { completed: rest.completed + affected.total(), ..rest },
            Kind::Reopen => Count { active: rest.active + affected.total(), ..rest },
            Kind::ClearCompleted => rest,
        }
    }

    /// Reverts [`Self::apply`], which has changed these todos.
    pub fn revert(&self, count: Count, affected: Count) -> Count {
        let now = match self.kind {
            Kind::Complete => Count { completed: affected.total(), ..Count::default() },
            Kind::Reopen => Count { active: affected.total(), ..Count::default() },
            Kind::ClearCompleted => Count::default(),
        };
        count.minus(now).plus(affected)
    }
}
