import Hypervisor
import Testing

/// What counts as time of the machine.
struct MachineClockTests {
    private func clock(_ samples: [(MachineClock.Activity, used: Double, at: Double)]) -> MachineClock {
        var clock = MachineClock(process: "/nonexistent/qemu.pid")
        for sample in samples { clock.take(.init(activity: sample.0, used: sample.used), at: sample.at) }
        return clock
    }

    @Test func aWorkingMachineCountsItsProcessorTime() {
        let clock = clock((0...100).map { (.working, Double($0) * 0.04, Double($0)) })
        #expect(abs(clock.machine - 4) < 0.1 && abs(clock.share - 0.04) < 0.01)
        #expect(clock.standstill == 0, "it gets a little, and goes on")
    }

    @Test func anIdleMachineCountsTheClock() {
        let clock = clock((0...100).map { (.waiting, 5, Double($0)) })
        #expect(abs(clock.machine - 100) < 0.1 && clock.standstill == 0)
    }

    @Test func aStoppedMachineStandsStill() {
        let clock = clock([(.working, 1, 1), (.working, 2, 2)] + (3...80).map { (.stopped, 2, Double($0)) })
        #expect(clock.machine < 3 && clock.standstill > 70 && clock.activity == .stopped)
    }

    @Test func aMachineThatGetsNothingStandsStill() {
        let clock = clock((0...80).map { (.working, 2, Double($0)) })
        #expect(clock.machine < 1 && clock.standstill > 70)
    }

    @Test func severalProcessorsCountOnce() {
        let clock = clock((0...10).map { (.working, Double($0) * 2, Double($0)) })
        #expect(abs(clock.machine - 10) < 0.1 && clock.share <= 1)
    }
}
