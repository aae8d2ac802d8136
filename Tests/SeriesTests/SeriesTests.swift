// The tests of Series go here.
