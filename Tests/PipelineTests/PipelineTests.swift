// The tests of Pipeline go here.
