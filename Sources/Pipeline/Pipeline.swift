// The module's first file goes here.
