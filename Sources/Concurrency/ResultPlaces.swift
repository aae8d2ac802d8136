/// A place for each result of pieces of work that run on several threads: each is written by the one that does the piece.
@usableFromInline
package final class ResultPlaces<Value: Sendable>: @unchecked Sendable {
    @usableFromInline let places: UnsafeMutablePointer<Value?>
    @usableFromInline let count: Int

    /// Makes empty places.
    @inlinable package init(count: Int) {
        self.count = count
        places = .allocate(capacity: count)
        places.initialize(repeating: nil, count: count)
    }

    @inlinable deinit {
        places.deinitialize(count: count)
        places.deallocate()
    }

    /// The result of a piece, by its number. No other thread may use this place at the same time.
    @inlinable package subscript(index: Int) -> Value? {
        get {
            precondition((0..<count).contains(index))
            return places[index]
        }
        set {
            precondition((0..<count).contains(index))
            places[index] = newValue
        }
    }

    /// The results that are there, in their order. Moved, not copied: there may be many, and large ones.
    @inlinable package func takeAll() -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        for index in 0..<count {
            if let value = places[index].take() { values.append(value) }
        }
        return values
    }
}
