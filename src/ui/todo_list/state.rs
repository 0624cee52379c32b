//! The model of the page. A plain cell, because `view` compares and writes the whole page itself: signals and effects would be a
//! tenth of the WASM.

use std::cell::{Cell, OnceCell, RefCell};

use super::{dom::queue_microtask, model::Model};

pub struct State {
    model: RefCell<Model>,
    draw: OnceCell<Box<dyn Fn()>>,
    is_draw_pending: Cell<bool>,
}

impl State {
    pub fn new(model: Model) -> Self {
        Self { model: RefCell::new(model), draw: OnceCell::new(), is_draw_pending: Cell::new(false) }
    }

    /// Sets what draws the page after an update.
    pub fn on_update(&self, draw: impl Fn() + 'static) {
        let _ = self.draw.set(Box::new(draw));
    }

    /// `read` must not write to the DOM, because the listeners of its events use the state, too.
    pub fn with<T>(&self, read: impl FnOnce(&Model) -> T) -> T {
        read(&self.model.borrow())
    }

    /// Several updates are drawn once.
    pub fn update<T>(&'static self, change: impl FnOnce(&mut Model) -> T) -> T {
        self.draw_soon();
        change(&mut self.model.borrow_mut())
    }

    fn draw_soon(&'static self) {
        if !self.is_draw_pending.replace(true) {
            queue_microtask(Box::new(|| {
                self.is_draw_pending.set(false);
                if let Some(draw) = self.draw.get() {
                    draw();
                }
            }));
        }
    }
}
