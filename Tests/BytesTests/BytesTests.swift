// The tests of Bytes go here.
