// The tests of Hypervisor go here.
