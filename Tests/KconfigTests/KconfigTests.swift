// The tests of Kconfig go here.
