//! Commands, their output and their mistakes.
