"""No form: a module here makes the package's code run."""
