//! Apple `.emlx` files.
