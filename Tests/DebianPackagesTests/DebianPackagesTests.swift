// The tests of DebianPackages go here.
