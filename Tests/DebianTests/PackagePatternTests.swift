import Debian
import Testing

@Suite struct PackagePatternTests {
    @Test func theHighestNumberAndNothingElse() throws {
        let names = ["linux-source-7.2", "linux-source-7.10", "linux-source-7.x", "linux-source-6.12", "linux-source"]
        #expect(try #require(PackagePattern("linux-source-7.*")).newest(among: names) == "linux-source-7.10")
        #expect(try #require(PackagePattern("linux-source-8.*")).newest(among: names) == nil)
        #expect(try #require(PackagePattern("linux-*-7.2")).newest(among: ["linux-source-7.2"]) == nil)
    }

    @Test(arguments: ["linux-source-7.2", "a*b*c"]) func whatIsNoPattern(text: String) {
        #expect(PackagePattern(text) == nil)
    }
}
