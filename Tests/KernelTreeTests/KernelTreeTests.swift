// The tests of KernelTree go here.
