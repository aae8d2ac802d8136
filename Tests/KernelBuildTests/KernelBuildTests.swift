// The tests of KernelBuild go here.
