// The tests of Archive go here.
