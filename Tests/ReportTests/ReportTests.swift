// The tests of Report go here.
