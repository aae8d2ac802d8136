public import Diagnostics

/// Colours for terminals, or none.
public struct TextStyle: Sendable {
    /// Whether the styles become escape sequences when the text is rendered.
    public let colored: Bool

    /// Makes a style.
    public init(colored: Bool) { self.colored = colored }

    /// No colours.
    public static let plain = TextStyle(colored: false)

    /// Text that stands out.
    public func bold(_ text: String) -> String { wrap("1", text) }
    /// Text of less weight.
    public func dim(_ text: String) -> String { wrap("2", text) }
    /// Good news.
    public func green(_ text: String) -> String { wrap("32", text) }
    /// Something to look at.
    public func yellow(_ text: String) -> String { wrap("33", text) }
    /// Bad news.
    public func red(_ text: String) -> String { wrap("31", text) }

    /// A verdict's word in its colour.
    public func verdict(_ verdict: Verdict) -> String {
        switch verdict {
        case .pass: green("pass")
        case .warn: yellow("warn")
        case .unknown: yellow("unknown")
        case .fail: red("fail")
        }
    }

    private func wrap(_ code: String, _ text: String) -> String {
        colored ? SafeText.style(code) + text + SafeText.style("0") : text
    }
}
