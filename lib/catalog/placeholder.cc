// Nothing yet: replaced as the module is written.
