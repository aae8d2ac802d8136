import Bytes
import Hypervisor
import Testing

/// The writing side of the channel, as dom0's init does it.
struct Channel {
    static let token = "00112233445566778899aabbccddeeff"
    private(set) var number = 0

    static func record(_ kind: String, _ name: String, _ text: String = "") -> String {
        "@\(token) \(kind) \(name)\n\(text)\n.\(token)\n"
    }

    static func output(_ name: String, _ text: String = "", status: Int = 0) -> String {
        record("output", name, text + "\nstatus \(status)")
    }

    static func say(_ stage: String) -> [UInt8] { Array("~\(token) \(stage)\n".utf8) }

    mutating func segment(_ records: String...) -> [UInt8] {
        let bytes = Array(records.joined().utf8)
        defer { number += 1 }
        return bytes + Array("=\(Self.token) \(number) \(Digest(of: bytes))\n".utf8)
    }
}

struct ResultReaderTests {
    private static func records(_ events: [ResultReader.Event]) -> [ResultRecord] {
        events.compactMap { if case .record(let record) = $0 { record } else { nil } }
    }

    private static func isDamaged(_ events: [ResultReader.Event]) -> Bool {
        events.contains { if case .damaged = $0 { true } else { false } }
    }

    @Test func recordsCountOnceProven() {
        var channel = Channel()
        let bytes = channel.segment(Channel.record("hello", "6.1.0", "a\nb"), Channel.record("end", "dom0"))
        var reader = ResultReader(token: Channel.token)
        let proof = bytes.lastIndex(of: UInt8(ascii: "=")) ?? 0
        #expect(reader.take(Array(bytes[..<proof])).isEmpty)
        let events = reader.take(Array(bytes[proof...]))
        #expect(
            Self.records(events) == [
                ResultRecord(kind: "hello", name: "6.1.0", text: "a\nb"),
                ResultRecord(kind: "end", name: "dom0", text: ""),
            ])
        #expect(Self.records(events).first?.lines == ["a", "b"])
    }

    @Test func progressGoesBetweenSegments() {
        var channel = Channel()
        var reader = ResultReader(token: Channel.token)
        let events = reader.take(
            channel.segment(Channel.record("hello", "x")) + Channel.say("xenstore")
                + channel.segment(Channel.record("end", "dom0")))
        #expect(events.contains(.progress(stage: "xenstore")))
        #expect(Self.records(events).map(\.kind) == ["hello", "end"])
        #expect(!Self.isDamaged(events))
    }

    @Test func outputCarriesItsStatus() {
        let record = ResultRecord(kind: "output", name: "xl-info", text: "one\r\ntwo\n\nstatus 3")
        #expect(record.output?.status == 3)
        #expect(record.output?.lines == ["one", "two"])
        #expect(ResultRecord(kind: "output", name: "xl-info", text: "one").output == nil)
        #expect(ResultRecord(kind: "hello", name: "xl-info", text: "status 0").output == nil)
    }

    @Test func everyFlippedBitIsSeen() {
        var channel = Channel()
        let bytes = channel.segment(Channel.record("control", "dom0", "+/proc/xen/capabilities\n control_d"))
        for index in bytes.indices {
            var broken = bytes
            broken[index] ^= 1
            var reader = ResultReader(token: Channel.token)
            let events = reader.take(broken)
            // Nothing of it may count; damage of the proof itself is seen as a missing proof.
            #expect(Self.records(events).isEmpty, "byte \(index)")
        }
    }

    @Test func lostAndDoubledBytesAreSeen() {
        var channel = Channel()
        let bytes = channel.segment(Channel.record("control", "dom0", "control_d"))
        for index in bytes.indices.dropLast(1) {
            var lost = bytes
            lost.remove(at: index)
            var reader = ResultReader(token: Channel.token)
            #expect(Self.records(reader.take(lost)).isEmpty)
            var doubled = bytes
            doubled.insert(bytes[index], at: index)
            reader = ResultReader(token: Channel.token)
            let events = reader.take(doubled)
            #expect(Self.records(events).isEmpty || index >= bytes.count - 1)
        }
    }

    @Test func aLostSegmentIsSeen() {
        var channel = Channel()
        _ = channel.segment(Channel.record("hello", "x"))
        let second = channel.segment(Channel.record("end", "dom0"))
        var reader = ResultReader(token: Channel.token)
        let events = reader.take(second)
        #expect(Self.isDamaged(events))
        #expect(Self.records(events).isEmpty)
    }

    @Test func aSegmentTwiceIsSeen() {
        var channel = Channel()
        let first = channel.segment(Channel.record("hello", "x"))
        var reader = ResultReader(token: Channel.token)
        _ = reader.take(first)
        #expect(Self.isDamaged(reader.take(first)))
    }

    @Test func anotherTokenIsNoResult() {
        var channel = Channel()
        let bytes = channel.segment(Channel.record("end", "dom0"))
        var reader = ResultReader(token: "ffffffffffffffffffffffffffffffff")
        #expect(reader.take(bytes).isEmpty)
    }

    @Test func forgedLinesInsideARecordStayText() {
        var channel = Channel()
        let text = "@other end dom0\n.other\n@\(Channel.token) end dom0\nx"
        let bytes = channel.segment(Channel.record("console", "pv", text))
        var reader = ResultReader(token: Channel.token)
        #expect(Self.records(reader.take(bytes)).map(\.kind) == ["console"])
    }
}
