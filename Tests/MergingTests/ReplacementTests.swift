import Merging
import Testing

/// What upstream replaced everywhere is learned from its change, and only that.
@Suite struct ReplacementTests {
    private func learn(_ files: [(String, String)]) -> Replacements {
        var learner = ReplacementLearner()
        for (old, new) in files { learner.take(old: Array(old.utf8), new: Array(new.utf8)) }
        return learner.replacements()
    }

    private func told(_ files: (String, String)...) -> [String] { learn(files).all.map { "\($0.old) > \($0.new)" } }

    private func applied(_ text: String, _ files: (String, String)...) -> String {
        String(decoding: learn(files).applied(to: Array(text.utf8)), as: UTF8.self)
    }

    @Test("a word that has another name everywhere")
    func words() {
        let old = "\tdel_timer(&a->timer);\n\tkeep();\n\tx = del_timer(&b);\n"
        let new = "\ttimer_delete(&a->timer);\n\tkeep();\n\tx = timer_delete(&b);\n"
        #expect(told((old, new)) == ["del_timer > timer_delete"])
        #expect(
            applied("\tif (del_timer(&mine))\n\t\tmy_del_timer(del_timer_sync);\n", (old, new))
                == "\tif (timer_delete(&mine))\n\t\tmy_del_timer(del_timer_sync);\n")
        // From several files together.
        #expect(
            told(("del_timer(&a);\n", "timer_delete(&a);\n"), ("x = del_timer(b);\n", "x = timer_delete(b);\n")).count
                == 1)
    }

    @Test(
        "a word is not learned where something else could be meant",
        arguments: [
            // One line only.
            ("del_timer(&a);\n", "timer_delete(&a);\n"),
            // The old name is still there.
            ("f(a, one);\ng(b, one);\nh(one);\n", "f(a, two);\ng(b, two);\nh(one);\n"),
            // The same line twice: copied code.
            ("f(a, one);\n.\nf(a, one);\n", "f(a, two);\n.\nf(a, two);\n"),
            // Two new names.
            ("f(a, one);\ng(b, one);\n", "f(a, two);\ng(b, three);\n"),
            // The new name was there before, for something else.
            ("f(a, one);\ng(b, one);\nh(two);\n", "f(a, two);\ng(b, two);\nh(two);\n"),
            // Most lines with it simply went away.
            ("f(a, one);\ng(b, one);\np(one);\nq(one);\nr(one);\n", "f(a, two);\ng(b, two);\n"),
            // The lines have nothing else in common.
            ("one();\none();\n", "two();\ntwo();\n"),
        ])
    func notWords(old: String, new: String) {
        #expect(told((old, new)) == [])
    }

    @Test("another function may take over, though it was there before, where every line calls it")
    func otherFunction() {
        let old = "strlcpy(a, b, n);\nstrscpy(x, y, n);\nstrlcpy(c, d, n);\n"
        let new = "strscpy(a, b, n);\nstrscpy(x, y, n);\nstrscpy(c, d, n);\n"
        #expect(told((old, new)) == ["strlcpy > strscpy"])
    }

    @Test("calls with other arguments")
    func calls() {
        let old = "a = class_create(THIS_MODULE, \"a, b\");\nreturn class_create(THIS_MODULE, name);\n"
        let new = "a = class_create(\"a, b\");\nreturn class_create(name);\n"
        #expect(told((old, new)) == ["class_create(THIS_MODULE, #2) > class_create(#2)"])
        #expect(
            applied("\tc = class_create(THIS_MODULE, f(1, 2));\n", (old, new)) == "\tc = class_create(f(1, 2));\n")
        // What upstream has never passed there says something that the new form does not.
        #expect(applied("\tc = class_create(owner, x);\n", (old, new)) == "\tc = class_create(owner, x);\n")
        // An argument more, and one in another place.
        #expect(
            told(("get(a, 1);\nx = get(b, 2);\n", "get(a, 1, NULL);\nx = get(b, 2, NULL);\n"))
                == ["get(#1, #2) > get(#1, #2, NULL)"])
        #expect(
            told(("put(a, 1);\nx = put(b, 2);\n", "set(1, a);\nx = set(2, b);\n")) == ["put(#1, #2) > set(#2, #1)"])
        // Inside of each other.
        #expect(
            applied(
                "get(get(x, 3), 4);\n", ("get(a, 1);\nx = get(b, 2);\n", "get(a, 1, NULL);\nx = get(b, 2, NULL);\n"))
                == "get(get(x, 3, NULL), 4, NULL);\n")
    }

    @Test(
        "a call is not learned where something else could be meant",
        arguments: [
            // One line only.
            ("get(a, 1);\n", "get(a, 1, NULL);\n"),
            // Not always the same text.
            ("get(a, 1);\nx = get(b, 2);\n", "get(a, 1, one);\nx = get(b, 2, two);\n"),
            // The old form is still there.
            ("get(a, 1);\nx = get(b, 2);\nget(c, 3);\n", "get(a, 1, NULL);\nx = get(b, 2, NULL);\nget(c, 3);\n"),
            // Not the same function each time.
            ("get(a, 1);\nx = get(b, 2);\n", "take(a, 1, NULL);\nx = fetch(b, 2, NULL);\n"),
            // A variable, which means nothing elsewhere.
            ("get(a, 1);\nx = get(b, 2);\n", "get(a, pos, 1);\nx = get(b, pos, 2);\n"),
            // The same line twice: copied code.
            ("get(a, 1);\n.\nget(a, 1);\n", "get(a, 1, NULL);\n.\nget(a, 1, NULL);\n"),
            // Another function that was there before.
            ("get(a, 1);\nx = get(b, 2);\nset(3);\n", "set(a, FLAG);\nx = set(b, FLAG);\nset(3);\n"),
            // No call at all.
            ("if (a, 1)\nx = 2;\nif (b, 2)\n", "if (a, 1, 0)\nx = 2;\nif (b, 2, 0)\n"),
        ])
    func notCalls(old: String, new: String) {
        #expect(told((old, new)) == [])
    }

    @Test("only what changes a line counts as used")
    func used() {
        let known = learn([("f(a, one);\ng(b, one);\n", "f(a, two);\ng(b, two);\n")])
        #expect(known.used(in: Array("x(one);\n".utf8)).count == 1)
        #expect(known.used(in: Array("x(ones, \"one-time\");\n".utf8)).count == 1)
        #expect(known.used(in: Array("x(ones, someone);\n".utf8)).isEmpty)
    }
}
