// The tests of KernelImage go here.
