/// Time stamps of patch headers, as far as a patch engine needs them: is it the epoch?
enum TimeStamp {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Whether the text names the epoch in any time zone: GNU patch takes what lies less than 25 hours before
    /// or 26 hours after it for a sign that the file is missing.
    static func isEpoch(_ text: String) -> Bool {
        guard let seconds = parse(text) else { return false }
        return seconds > -25 * 3600 && seconds < 26 * 3600
    }

    /// Seconds since the epoch of `1970-01-01 00:00:00.000 +0000` or `Thu Jan  1 00:00:00 1970 [zone]`.
    static func parse(_ text: String) -> Int? {
        let words = text.split { " \t\r\n,".contains($0) }.map { $0.lowercased() }
        var year: Int?
        var month: Int?
        var day: Int?
        var time: Int?
        var zone = 0
        for word in words {
            if let index = months.firstIndex(of: String(word.prefix(3))), word.allSatisfy(\.isLetter) {
                month = index + 1
            } else if word.contains(":") {
                let parts = word.split(separator: ":").compactMap { Int($0.prefix { $0 != "." }) }
                guard parts.count >= 2, parts.allSatisfy({ (0...60).contains($0) }) else { return nil }
                time = parts[0] * 3600 + parts[1] * 60 + (parts.count > 2 ? parts[2] : 0)
            } else if let sign = word.first, sign == "+" || sign == "-", word.count == 5,
                let value = Int(word.dropFirst())
            {
                let offset = value / 100 * 3600 + value % 100 * 60
                zone = sign == "-" ? -offset : offset
            } else if word.contains("-") {
                let parts = word.split(separator: "-").compactMap { Int($0) }
                guard parts.count == 3 else { return nil }
                (year, month, day) = (parts[0], parts[1], parts[2])
            } else if let number = Int(word) {
                if word.count == 4 { year = number } else { day = number }
            } else if !["mon", "tue", "wed", "thu", "fri", "sat", "sun", "gmt", "utc"].contains(String(word.prefix(3)))
            {
                return nil
            }
        }
        guard let year, let month, let day, (1900...9999).contains(year), (1...12).contains(month),
            (1...31).contains(day)
        else { return nil }
        return days(year, month, day) * 86400 + (time ?? 0) - zone
    }

    /// Days from 1970-01-01 in the Gregorian calendar.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let ofEra = year - era * 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719468
    }

    /// How many bytes of white space and a time stamp a name ends with, as git looks for them: `2026-11-26`, with a time
    /// (`12:31:00`, also with a fraction) and a zone (`+0100`) behind it or without; 0 for none.
    static func length(atEndOf name: [UInt8]) -> Int {
        var rest = name[...]
        func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
        /// Takes a pattern off the end (`0` stands for a digit), if it is there.
        func take(_ pattern: StaticString) -> Bool {
            let count = pattern.utf8CodeUnitCount
            guard rest.count >= count else { return false }
            let fits = zip(rest.suffix(count), UnsafeBufferPointer(start: pattern.utf8Start, count: count)).allSatisfy {
                $1 == UInt8(ascii: "0") ? isDigit($0) : $0 == $1
            }
            if fits { rest = rest.dropLast(count) }
            return fits
        }
        _ = take(" +0000") || take(" -0000") || take(" +00:00") || take(" -00:00")
        let digits = rest.reversed().prefix(while: isDigit).count
        let whole = rest
        if digits > 2 {
            rest = rest.dropLast(digits)
            if !(take(".") && take(" 00:00:00")) { rest = whole }
        } else if !take(" 00:00:00") {
            _ = take(" 00:00")
        }
        guard take("0000-00-00") || take("00-00-00"), let last = rest.last, last == 32 || last == 9 else { return 0 }
        while rest.last == 32 || rest.last == 9 { rest = rest.dropLast() }
        return name.count - rest.count
    }
}
