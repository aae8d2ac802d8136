// The tests of Patching go here.
