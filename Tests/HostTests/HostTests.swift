// The tests of Host go here.
